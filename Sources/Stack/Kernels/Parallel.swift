import Dispatch

/// Splits work over threads.
public enum Parallel {
  /// Runs `body(worker, range)` over 0..<count in pieces of at most `grain`, handed out from one counter to at most
  /// `threads` workers numbered from 0; returns when all are done. With one thread it runs in place, in order.
  public static func forEach(
    count: Int, threads: Int, grain: Int = 1, _ body: @Sendable (_ worker: Int, _ range: Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    let grain = max(1, grain)
    let pieces = (count + grain - 1) / grain
    DispatchQueue.concurrentPerform(iterations: min(max(1, threads), pieces)) { worker in
      var piece = worker
      while piece < pieces {
        body(worker, piece * grain..<min(count, (piece + 1) * grain))
        piece += min(max(1, threads), pieces)
      }
    }
  }
}
