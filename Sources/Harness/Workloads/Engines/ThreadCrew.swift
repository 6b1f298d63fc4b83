internal import Foundation

/// Threads that start a piece of work at the same moment.
///
/// A pool would not do here: it runs no more threads than there are cores, while a case may ask for more.
enum ThreadCrew {
  /// Runs `body` once on each of `count` threads, all let go together, and returns when the last is done. A crew of one is
  /// the caller's own thread.
  static func run(_ count: Int, _ body: @escaping @Sendable (_ worker: Int) -> Void) {
    guard count > 1 else { return body(0) }
    let gate = Gate(count)
    for worker in 0..<count {
      let thread = Thread {
        gate.arrive()
        body(worker)
        gate.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    gate.awaitEnd()
  }

  /// Holds threads back until all have come, and tells when all have gone.
  private final class Gate: @unchecked Sendable {
    // Sendable: the counts are read and written under `condition` alone.
    private let condition = NSCondition()
    private var missing: Int
    private var running: Int

    init(_ count: Int) {
      missing = count
      running = count
    }

    func arrive() {
      condition.lock()
      missing -= 1
      condition.broadcast()
      while missing > 0 { condition.wait() }
      condition.unlock()
    }

    func leave() {
      condition.lock()
      running -= 1
      condition.broadcast()
      condition.unlock()
    }

    func awaitEnd() {
      condition.lock()
      while running > 0 { condition.wait() }
      condition.unlock()
    }
  }
}
