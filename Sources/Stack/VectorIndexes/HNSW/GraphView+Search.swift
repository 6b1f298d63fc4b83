import Kernels

extension GraphView {
  /// Follows the nearest neighbour from the entry point down to level `target`, where it returns the node reached.
  @inline(__always)
  func descend(
    to target: Int, scorer: some RowScorer, scratch: UnsafeMutablePointer<SearchScratch>, locks: LinkLocks? = nil
  ) -> Int32 {
    var node = entry
    var level = top
    guard level > target else { return node }
    let lists = scratch.pointee.rows
    let rows = lists + levels[level].width
    let scores = scratch.pointee.scores
    rows[0] = levels[level].row(ofNode: node)
    scorer.score(rows, 1, into: scores)
    var nearest = scores[0]
    scratch.pointee.statistics.distances &+= 1
    while level > target {
      let view = levels[level]
      while true {
        let count = view.copyList(ofNode: node, into: lists, locks: locks)
        for i in 0..<count {
          rows[i] = view.row(ofNode: lists[i])
          scorer.fetch(rows[i])
        }
        if count == 0 { break }
        scorer.score(rows, count, into: scores)
        scratch.pointee.statistics.distances &+= count
        scratch.pointee.statistics.visited &+= 1
        let before = node
        for i in 0..<count where scores[i] < nearest {
          nearest = scores[i]
          node = lists[i]
        }
        if node == before { break }
      }
      if let below = view.below { node = below[Int(node)] }
      level &-= 1
    }
    return node
  }

  /// Malkov and Yashunin's algorithm 2: the beam of `ef` nearest nodes of a level, found from `start`.
  ///
  /// Rows stay marked in `scratch` until the caller clears them. The pool holds node numbers of the level and scores, which
  /// lack the scorer's constant.
  @inline(__always)
  func beam(
    level: Int, from start: Int32, ef: Int, scorer: some RowScorer, scratch: UnsafeMutablePointer<SearchScratch>,
    locks: LinkLocks? = nil
  ) -> CandidatePool {
    var pool = CandidatePool(keys: scratch.pointee.keys, capacity: ef)
    pool.clear()
    let insert = Kernels.active.poolInsert
    let view = levels[level]
    let links = view.links
    let width = view.width
    let rows = scratch.pointee.rows
    let scores = scratch.pointee.scores
    var memory = scratch.pointee
    var expanded = 0

    _ = memory.visit(start)
    rows[0] = view.row(ofNode: start)
    scorer.score(rows, 1, into: scores)
    rows[0] = start
    pool.insertAll(rows, scores, 1, kernel: insert)

    while true {
      guard let candidate = pool.expandNearest() else {
        // The start may lie in a corner without a way out. Everything can be reached from the entry point.
        if level > 0 || pool.isFull || !memory.visit(entryRow) { break }
        rows[0] = entryRow
        scorer.score(rows, 1, into: scores)
        pool.insertAll(rows, scores, 1, kernel: insert)
        continue
      }
      expanded &+= 1
      if pool.cursor < pool.count { view.fetchList(ofNode: pool[pool.cursor].row) }
      let list: UnsafePointer<Int32>
      if locks == nil {
        list = UnsafePointer(links + Int(candidate.row) &* width)
      } else {
        _ = view.copyList(ofNode: candidate.row, into: rows, locks: locks)
        list = UnsafePointer(rows)
      }
      let fresh = memory.visitAll(list, width: width)
      if fresh.count == 0 { continue }
      if let above = view.rows {
        for i in 0..<fresh.count { rows[i] = above[Int(fresh[i])] }
        scorer.score(rows, fresh.count, into: scores)
      } else {
        // Kernels fetch rows ahead of the one they read; nobody is ahead of the first.
        for i in 0..<min(8, fresh.count) { scorer.fetch(fresh[i]) }
        scorer.score(fresh.baseAddress.unsafelyUnwrapped, fresh.count, into: scores)
      }
      let nearest = pool.cursor < pool.count ? pool[pool.cursor].distance : .infinity
      for i in 0..<fresh.count where scores[i] < nearest { view.fetchList(ofNode: fresh[i]) }
      pool.insertAll(fresh.baseAddress.unsafelyUnwrapped, scores, fresh.count, kernel: insert)
    }
    memory.statistics.visited &+= expanded
    memory.statistics.distances &+= memory.touchedCount
    scratch.pointee = memory
    return pool
  }
}

extension LevelView {
  /// Copies a node's list and ends it with −1 if it is not full; returns its length.
  @inline(__always)
  func copyList(ofNode node: Int32, into copy: UnsafeMutablePointer<Int32>, locks: LinkLocks?) -> Int {
    let list = list(ofNode: node)
    guard let locks else {
      var count = 0
      while count < width && list[count] >= 0 {
        copy[count] = list[count]
        count &+= 1
      }
      if count < width { copy[count] = -1 }
      return count
    }
    locks.withLock(level: level, node: node) { copy.update(from: list, count: width) }
    var count = 0
    while count < width && copy[count] >= 0 { count &+= 1 }
    return count
  }

  /// Starts to fetch a node's list.
  @inline(__always)
  func fetchList(ofNode node: Int32) {
    let list = list(ofNode: node)
    prefetch(list)
    if width > 16 { prefetch(list + 16) }
  }
}
