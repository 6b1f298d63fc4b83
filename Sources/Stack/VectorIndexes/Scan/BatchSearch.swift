import Kernels
import Synchronization

/// Splits the queries of one call over threads, in pieces that share a scratch.
enum BatchSearch {
  /// Queries of one piece: enough to share every panel between many, few enough that their states stay small.
  static let pieceQueries = 256

  /// Runs `body(scratch, range)` over the queries and sums what it did.
  static func run<Scratch: AnyObject>(
    count: Int, threads: Int, pool: ObjectPool<Scratch>,
    _ body: (Scratch, Range<Int>) -> SearchStatistics
  ) -> SearchStatistics {
    let workers = max(1, threads)
    let pieces = (count + pieceQueries - 1) / pieceQueries
    let evenPieces = (max(pieces, min(workers, count)) + workers - 1) / workers * workers
    let grain = max(1, (count + evenPieces - 1) / evenPieces)
    if workers == 1 && count <= grain { return pool.borrow { body($0, 0..<count) } }
    let total = Mutex(SearchStatistics())
    withoutActuallyEscaping(body) { body in
      // Read by the workers of this call alone, which ends after them.
      nonisolated(unsafe) let body = body
      Parallel.forEach(count: count, threads: workers, grain: grain) { _, range in
        let done = pool.borrow { body($0, range) }
        total.withLock { $0 += done }
      }
    }
    return total.withLock { $0 }
  }
}
