internal import Kernels

/// The best rows so far of every query, by approximate score.
///
/// `@unchecked Sendable`: a query's list is only touched by the one worker that has the query.
final class CandidateLists: @unchecked Sendable {
  private struct Candidate {
    var score: Float
    var row: Int32
  }

  private let keep: Int
  private let room: Int
  private let lists: UnsafeMutableBufferPointer<[Candidate]>
  /// Scores from here on were left out; infinite while nothing was.
  private let bounds: UnsafeMutableBufferPointer<Float>

  init(count: Int, keep: Int, room: Int) {
    self.keep = keep
    self.room = room
    lists = .allocate(capacity: count)
    lists.initialize(repeating: [])
    bounds = .allocate(capacity: count)
    bounds.initialize(repeating: .infinity)
  }

  deinit {
    lists.deinitialize()
    lists.deallocate()
    bounds.deallocate()
  }

  /// Takes in the rows whose score is below what is kept.
  func offer(_ scores: UnsafePointer<Float>, _ rows: Range<Int>, to query: Int, _ kernels: KernelTable) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows.count) { ids in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count) { below in
        guard let idsOut = ids.baseAddress, let scoresOut = below.baseAddress else { return }
        let found = kernels.selectBelow(
          scores, rows.count, bounds[query], Int32(rows.lowerBound), idsOut, scoresOut)
        for i in 0..<found { lists[query].append(Candidate(score: below[i], row: ids[i])) }
      }
    }
    if lists[query].count > keep + room { trim(query) }
  }

  /// The kept rows, best first.
  func rows(of query: Int) -> [Int32] {
    trim(query)
    return lists[query].map(\.row)
  }

  /// The smallest score that may have been left out; `nil` where nothing was.
  func bound(of query: Int) -> Float? { bounds[query].isInfinite ? nil : bounds[query] }

  private func trim(_ query: Int) {
    guard lists[query].count > keep else { return }
    lists[query].sort { ($0.score, $0.row) < ($1.score, $1.row) }
    lists[query].removeLast(lists[query].count - keep)
    bounds[query] = lists[query][keep - 1].score
  }
}
