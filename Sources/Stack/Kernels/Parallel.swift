/// Splits work over threads.
public enum Parallel {
  /// Runs `body(worker, range)` over 0..<count in pieces of at most `grain`, handed out from one counter to at most
  /// `threads` workers numbered from 0; returns when all are done. With one thread it runs in place, in order.
  ///
  /// The caller is worker 0; the others are threads kept from call to call, asleep in between. A call made while another
  /// is running, from inside its body or from an unrelated thread, runs in place as worker 0.
  public static func forEach(
    count: Int, threads: Int, grain: Int = 1, _ body: @Sendable (_ worker: Int, _ range: Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    let grain = max(1, grain)
    let pieces = (count - 1) / grain + 1
    let workers = min(max(1, threads), pieces)
    if workers > 1, WorkerPool.shared.run(count: count, grain: grain, pieces: pieces, workers: workers, body) { return }
    var start = 0
    while start < count {
      let end = count - start > grain ? start + grain : count
      body(0, start..<end)
      start = end
    }
  }
}
