internal import Kernels

/// How the attention of one pass is cut into jobs that threads take one by one: the same for every layer and head.
///
/// Neighbouring runs whose tables begin alike are a group: the blocks that they share are read once for the rows of all
/// (phase `shared`), then each run goes on alone (phase `own`). Where there are too few jobs for the threads, every part of a
/// context is a job (phase `merge` then puts them together). A row's bits do not depend on any of this; see `CPaged.h`.
struct AttentionPlan {
  /// Query rows of one job: as many as the scores, weights and sums of which fit the first cache beside a span's keys.
  static let jobRows = 48

  /// Rows of neighbouring tokens over tokens of one table.
  struct Job {
    /// The first token's row in the pass, and how many follow each other.
    var row: Int
    var count: Int
    /// Where the block table begins in the step's tables.
    var table: Int
    /// What is read of it.
    var tokens: Range<Int>
    /// Of the first row's token.
    var position: Int
    /// Where the states lie that outlive the job, in query rows; nil where none need to.
    var slot: Int?
    /// Whether the rows' states begin here.
    var begins: Bool
    /// Whether the rows' results are known thereafter.
    var ends: Bool

    var cost: Int { tokens.count * count }
  }

  /// The rows of a run in the pass.
  struct Rows {
    var first: Int
    var count: Int
    /// Position of the first.
    var position: Int
    var table: Range<Int>
  }

  /// A row whose parts have states of their own.
  struct Merge {
    var row: Int
    var parts: Int
  }

  private(set) var shared: [Job] = []
  private(set) var own: [Job] = []
  private(set) var merges: [Merge] = []
  /// Rows of states that outlive their jobs, of one head.
  private(set) var slots = 0
  private(set) var isCutByParts = false

  private let group: Int
  private let heads: Int
  private let threads: Int
  private let blockSize: Int
  private var groups: [(runs: Range<Int>, shared: Int)] = []

  init(group: Int, heads: Int, threads: Int, blockSize: Int) {
    self.group = group
    self.heads = heads
    self.threads = threads
    self.blockSize = blockSize
  }

  private var jobTokens: Int { max(1, Self.jobRows / group) }

  /// - Complexity: O(runs + blocks that are shared), and sorting the jobs.
  mutating func make(_ runs: [Rows], tables: [Int32]) {
    shared.removeAll(keepingCapacity: true)
    own.removeAll(keepingCapacity: true)
    merges.removeAll(keepingCapacity: true)
    slots = 0
    findGroups(runs, tables)
    let rows = runs.reduce(0) { $0 + $1.count }
    let longest = runs.reduce(0) { max($0, $1.position + $1.count) }
    let jobs = runs.reduce(0) { $0 + ($1.count - 1) / jobTokens + 1 }
    // Rows are few then, and so are the states of their parts.
    isCutByParts = threads > 1 && jobs * heads < 4 * threads && rows <= jobTokens && longest > PagedKernels.part
    let parts = isCutByParts ? (longest - 1) / PagedKernels.part + 1 : 1
    if isCutByParts || groups.contains(where: { $0.shared > 0 }) { slots = rows * group * parts }
    for found in groups { addJobs(runs, found.runs, shared: found.shared, rows: rows) }
    if isCutByParts {
      for run in runs {
        for index in 0..<run.count {
          merges.append(Merge(row: run.first + index, parts: (run.position + index) / PagedKernels.part + 1))
        }
      }
    }
    shared.sort { $0.cost > $1.cost }
    own.sort { $0.cost > $1.cost }
  }

  /// Neighbours join a group as long as that saves reading.
  private mutating func findGroups(_ runs: [Rows], _ tables: [Int32]) {
    groups.removeAll(keepingCapacity: true)
    var first = 0
    while first < runs.count {
      var end = first + 1
      var common = runs[first].position
      while end < runs.count {
        let next = min(common, sharedTokens(runs[end - 1], runs[end], tables))
        guard next > 0, end == first + 1 || next * (end - first) >= common * (end - first - 1) else { break }
        common = next
        end += 1
      }
      groups.append((first..<end, end > first + 1 ? common : 0))
      first = end
    }
  }

  /// Tokens at the start of two runs that lie in the same blocks and were there before either: whole spans.
  private func sharedTokens(_ left: Rows, _ right: Rows, _ tables: [Int32]) -> Int {
    let most = min(left.position, right.position)
    let blocks = min(most / blockSize, left.table.count, right.table.count)
    var equal = 0
    while equal < blocks, tables[left.table.lowerBound + equal] == tables[right.table.lowerBound + equal] { equal += 1 }
    return equal * blockSize / PagedKernels.span * PagedKernels.span
  }

  private mutating func addJobs(_ runs: [Rows], _ members: Range<Int>, shared common: Int, rows: Int) {
    if common > 0, let first = members.first, let last = members.last {
      let all = Rows(
        first: runs[first].first, count: runs[last].first + runs[last].count - runs[first].first, position: common,
        table: runs[first].table)
      addJobs(all, from: 0, to: { _ in common }, slotted: true, rows: rows, ends: false, into: \.shared)
    }
    for run in runs[members] {
      addJobs(
        run, from: common, to: { run.position + $0 }, slotted: common > 0 || isCutByParts, rows: rows, ends: true,
        into: \.own)
    }
  }

  /// - Parameter end: of the tokens that the first `count` rows see.
  private mutating func addJobs(
    _ run: Rows, from start: Int, to end: (_ count: Int) -> Int, slotted: Bool, rows: Int, ends: Bool,
    into list: WritableKeyPath<AttentionPlan, [Job]>
  ) {
    for row in stride(from: 0, to: run.count, by: jobTokens) {
      let count = min(jobTokens, run.count - row)
      let last = end(row + count)
      var first = start
      repeat {
        let part = isCutByParts ? first / PagedKernels.part : 0
        let stop = isCutByParts ? min(last, (part + 1) * PagedKernels.part) : last
        self[keyPath: list].append(
          Job(
            row: run.first + row, count: count, table: run.table.lowerBound, tokens: first..<stop,
            position: run.position + row, slot: slotted ? (part * rows + run.first + row) * group : nil,
            begins: isCutByParts ? first % PagedKernels.part == 0 : first == 0, ends: ends && !isCutByParts))
        first = stop
      } while first < last
    }
  }
}
