import Kernels

/// Inserts rows into a graph, and links rows anew, comparing them in the space in which searches will walk.
struct GraphBuilder<Space: RowSpace>: @unchecked Sendable {
  // Sendable holds because threads that build together write lists under `locks` and scratch memory of their own.
  let graph: GraphView
  let m: Int
  let efConstruction: Int
  let space: Space
  /// Added to distances before they are multiplied by alpha, so that none is negative.
  let shift: Float
  /// Nil while one thread builds alone.
  let locks: LinkLocks?
  /// Rows that must not be linked to: one bit a row, or nil.
  let removed: UnsafePointer<UInt64>?

  /// Slots of scratch memory: the row being linked, the neighbour whose list is being changed, and one a selected row.
  static var rowSlot: Int { 0 }
  static var neighborSlot: Int { 1 }
  static var firstSelectedSlot: Int { 2 }
  static func slotCount(m: Int) -> Int { 2 * m + 2 }

  /// The finished graph leads a beam of half the width to as good candidates.
  private var secondPassBeam: Int { max(2 * m, efConstruction / 2) }

  /// Places that candidate lists need.
  static func beamCapacity(m: Int, efConstruction: Int) -> Int { max(efConstruction, 2 * m) + 4 * m + 2 }

  func reserve(_ scratch: UnsafeMutablePointer<SearchScratch>) {
    scratch.pointee.reserve(
      rowCount: graph.rowCount, beam: Self.beamCapacity(m: m, efConstruction: efConstruction),
      slotBytes: space.slotBytes, slotCount: Self.slotCount(m: m))
  }

  /// Malkov and Yashunin's algorithm 1 for a row that is linked from nowhere on `levels` yet.
  ///
  /// The row's own lists are complete on every level before the first link to it is written, so that no other thread can
  /// walk into a node without a way out.
  func insert(row: Int32, levels: ClosedRange<Int>, scratch: UnsafeMutablePointer<SearchScratch>) {
    let scorer = space.scorer(row: row, slot: scratch.pointee.slot(Self.rowSlot))
    let highest = min(levels.upperBound, graph.top)
    if highest < levels.lowerBound { return }
    var level = highest
    var start = graph.descend(to: level, scorer: scorer, scratch: scratch, locks: locks)
    while true {
      let view = graph.levels[level]
      let node = view.node(ofRow: row)
      let pool = graph.beam(
        level: level, from: start, ef: efConstruction, scorer: scorer, scratch: scratch, locks: locks)
      scratch.pointee.clearVisited(rowCount: view.count)
      let candidates = candidates(pool, of: node, in: view, constant: scorer.constant, scratch: scratch)
      start = candidates.count > 0 ? candidates[0].row : start
      let kept = select(candidates, in: view, limit: m, alpha: 1, scratch: scratch)
      write(candidates, kept, scratch: scratch, to: view.list(ofNode: node), width: view.width)
      if level == levels.lowerBound { break }
      if let below = view.below { start = below[Int(start)] }
      level -= 1
    }
    for level in levels.lowerBound...highest {
      let view = graph.levels[level]
      linkBack(node: view.node(ofRow: row), in: view, alpha: 1, scratch: scratch)
    }
  }

  /// Searches a row's neighbours at level 0 again in the finished graph, merges them with its list, and keeps up to the
  /// full degree under `alpha` (the second pass of DiskANN's build).
  ///
  /// Some places go to the farthest candidates, as many as the search missed of the old list, for it is long links that join
  /// clusters. Where the search ended in another cluster than the row's own they lie in that one, and, linked back, show
  /// later searches that end there the way.
  func relink(row: Int32, alpha: Float, scratch: UnsafeMutablePointer<SearchScratch>) {
    let view = graph.levels[0]
    let scorer = space.scorer(row: row, slot: scratch.pointee.slot(Self.rowSlot))
    let start = graph.descend(to: 0, scorer: scorer, scratch: scratch, locks: locks)
    var pool = graph.beam(level: 0, from: start, ef: secondPassBeam, scorer: scorer, scratch: scratch, locks: locks)
    scratch.pointee.clearVisited(rowCount: view.count)
    for i in 0..<pool.count { _ = scratch.pointee.visit(pool[i].row) }
    let missed = scratch.pointee.rows
    let count = view.copyList(ofNode: row, into: missed, locks: locks)
    var missedCount = 0
    for i in 0..<count where scratch.pointee.visit(missed[i]) {
      missed[missedCount] = missed[i]
      missedCount += 1
    }
    scratch.pointee.clearVisited(rowCount: view.count)
    if missedCount > 0 { scorer.score(missed, missedCount, into: scratch.pointee.scores) }
    pool = pool.growing(by: missedCount)
    for i in 0..<missedCount { pool.insert(Candidate(distance: scratch.pointee.scores[i], row: missed[i])) }
    let candidates = candidates(pool, of: row, in: view, constant: scorer.constant, scratch: scratch)
    let far = min(missedCount, m / 2)
    var kept = selectInTwoRounds(
      candidates, in: view, least: m, limit: view.width - far, alpha: alpha, scratch: scratch)
    kept = keep(far, of: candidates, from: candidates.count - missedCount, after: kept, scratch: scratch)
    if let locks {
      locks.withLock(level: 0, node: row) {
        write(candidates, kept, scratch: scratch, to: view.list(ofNode: row), width: view.width)
      }
    } else {
      write(candidates, kept, scratch: scratch, to: view.list(ofNode: row), width: view.width)
    }
    offer(node: row, scorer, in: view, alpha: alpha, scratch: scratch)
  }
}
