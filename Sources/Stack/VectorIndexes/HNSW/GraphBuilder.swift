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
  /// full degree under `alpha` (the second pass of DiskANN's build), and at least as many as the first pass gave.
  func relink(row: Int32, alpha: Float, scratch: UnsafeMutablePointer<SearchScratch>) {
    let view = graph.levels[0]
    let scorer = space.scorer(row: row, slot: scratch.pointee.slot(Self.rowSlot))
    let start = graph.descend(to: 0, scorer: scorer, scratch: scratch, locks: locks)
    var pool = graph.beam(level: 0, from: start, ef: secondPassBeam, scorer: scorer, scratch: scratch, locks: locks)
    let old = scratch.pointee.rows
    let count = view.copyList(ofNode: row, into: old, locks: locks)
    pool = pool.growing(by: count)
    var fresh = 0
    for i in 0..<count where scratch.pointee.visit(old[i]) {
      old[fresh] = old[i]
      fresh += 1
    }
    if fresh > 0 { scorer.score(old, fresh, into: scratch.pointee.scores) }
    // A list's row that the beam met and dropped is worse than every candidate of a full beam.
    for i in 0..<fresh { pool.insert(Candidate(distance: scratch.pointee.scores[i], row: old[i])) }
    scratch.pointee.clearVisited(rowCount: view.count)
    let candidates = candidates(pool, of: row, in: view, constant: scorer.constant, scratch: scratch)
    var kept = select(candidates, in: view, limit: view.width, alpha: alpha, scratch: scratch)
    kept = fill(candidates, kept, to: m, scratch: scratch)
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
