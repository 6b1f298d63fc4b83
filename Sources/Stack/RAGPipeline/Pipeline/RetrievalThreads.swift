internal import Foundation

/// Threads for work that blocks: a few are kept, and made as they are needed.
///
/// Swift's own pool has a thread a core, and stands still if each waits for a store.
final class RetrievalThreads: Sendable {
  private let crew: Crew

  init(limit: Int) { crew = Crew(limit: limit) }

  deinit { crew.close() }

  /// Suspends until the work is done; where all threads are busy, until one is free before that.
  func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      crew.add { continuation.resume(with: Result(catching: work)) }
    }
  }

  /// What the threads hold, so that they do not keep its owner alive.
  private final class Crew: @unchecked Sendable {
    // Sendable: everything but `limit`, which never changes, is read and written under `condition` alone.
    private let condition = NSCondition()
    private let limit: Int
    private var waiting: [@Sendable () -> Void] = []
    private var threads = 0
    private var idle = 0
    private var isClosed = false

    init(limit: Int) { self.limit = limit }

    func add(_ work: @escaping @Sendable () -> Void) {
      condition.lock()
      defer { condition.unlock() }
      waiting.append(work)
      guard idle < waiting.count, threads < limit else { return condition.signal() }
      threads += 1
      let thread = Thread { [self] in serve() }
      thread.name = "ragmeter.retrieval"
      thread.start()
    }

    func close() {
      condition.lock()
      isClosed = true
      condition.broadcast()
      condition.unlock()
    }

    private func serve() {
      while let work = next() { work() }
    }

    private func next() -> (@Sendable () -> Void)? {
      condition.lock()
      defer { condition.unlock() }
      idle += 1
      defer { idle -= 1 }
      while waiting.isEmpty {
        if isClosed { return nil }
        condition.wait()
      }
      return waiting.removeFirst()
    }
  }
}
