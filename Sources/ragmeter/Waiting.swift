import Dispatch
import Synchronization

/// Runs asynchronous work for a caller that is not, on the main thread, which no task needs.
enum Waiting {
  static func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
    let outcome = Outcome<Result>()
    let done = DispatchSemaphore(value: 0)
    Task {
      do {
        let result = try await body()
        outcome.value.withLock { $0 = .success(result) }
      } catch {
        outcome.value.withLock { $0 = .failure(error) }
      }
      done.signal()
    }
    done.wait()
    guard let value = outcome.value.withLock({ $0 }) else { preconditionFailure("signalled without an outcome") }
    return try value.get()
  }

  /// The same for work that cannot fail.
  static func finish(_ body: @escaping @Sendable () async -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
      await body()
      done.signal()
    }
    done.wait()
  }

  private final class Outcome<Result: Sendable>: Sendable {
    let value = Mutex<Swift.Result<Result, any Error>?>(nil)
  }
}
