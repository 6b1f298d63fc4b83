import Dispatch
import Synchronization

/// A one-place letter box between two threads: `wait` returns once for every `post`, and at most one letter is under way.
///
/// The waiter looks for about a microsecond before it sleeps. Whether it sleeps is settled by one exchange on `state`, so
/// that a post between its last look and its sleep cannot be lost.
final class WakeSignal: Sendable {
  private static let empty = 0
  private static let posted = 1
  private static let sleeping = 2

  private let state = Atomic(WakeSignal.empty)
  private let semaphore = DispatchSemaphore(value: 0)

  func post() {
    if state.exchange(Self.posted, ordering: .acquiringAndReleasing) == Self.sleeping { semaphore.signal() }
  }

  func wait() {
    for _ in 0..<1_000 where state.load(ordering: .relaxed) == Self.posted { break }
    if state.compareExchange(expected: Self.empty, desired: Self.sleeping, ordering: .acquiringAndReleasing).exchanged {
      semaphore.wait()
    }
    _ = state.exchange(Self.empty, ordering: .acquiring)
  }
}
