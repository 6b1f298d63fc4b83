import Kernels

/// Rows scored in runs of one kernel call.
enum ListScan {
  static let chunk = 256
}

extension HNSWIndex {
  /// Candidates among the rows that are alive and that the filter allows.
  ///
  /// To find ef allowed rows a walk expands about ef · rows / allowed nodes, each worth some m new distances; where that
  /// is more than there are allowed rows, they are scanned instead.
  func restrictedCandidates(
    _ plan: SearchPlan, _ filter: IDFilter?, _ scorer: some RowScorer, _ scratch: UnsafeMutablePointer<SearchScratch>
  ) -> CandidatePool {
    let alive = graph.rowCount - removedCount
    let allowed = min(alive, filter?.count ?? alive)
    let walk = Double(plan.ef) * Double(parameters.m) * Double(graph.rowCount) / Double(max(1, allowed))
    if Double(allowed) <= walk { return scan(plan, filter, scorer, scratch) }
    scratch.pointee.reserveFrontier(rowCount: graph.rowCount)
    let view = graph.view
    let start = view.descend(to: 0, scorer: scorer, scratch: scratch)
    let pool = view.restrictedBeam(from: start, ef: max(plan.ef, plan.rerank), scorer: scorer, scratch: scratch) {
      row in
      !isRemoved(row) && (filter.map { $0.contains(ids.id(ofRow: Int(row))) } ?? true)
    }
    scratch.pointee.clearVisited(rowCount: view.rowCount)
    return pool
  }

  /// Scores every allowed row.
  private func scan(
    _ plan: SearchPlan, _ filter: IDFilter?, _ scorer: some RowScorer, _ scratch: UnsafeMutablePointer<SearchScratch>
  ) -> CandidatePool {
    var pool = CandidatePool(keys: scratch.pointee.keys, capacity: max(plan.ef, plan.rerank))
    let rows = scratch.pointee.rows
    let scores = scratch.pointee.scores
    var count = 0
    var scanned = 0
    func flush() {
      if count == 0 { return }
      scorer.score(rows, count, into: scores)
      for i in 0..<count { pool.insert(Candidate(distance: scores[i], row: rows[i])) }
      scanned += count
      count = 0
    }
    func take(_ row: Int32) {
      if isRemoved(row) { return }
      rows[count] = row
      count += 1
      if count == ListScan.chunk { flush() }
    }
    if let filter {
      filter.ids.withUnsafeBufferPointer { for id in $0 { if let row = ids.row(ofID: id) { take(row) } } }
    } else {
      for row in 0..<Int32(graph.rowCount) { take(row) }
    }
    flush()
    scratch.pointee.statistics.distances += scanned
    scratch.pointee.statistics.visited += scanned
    return pool
  }
}

extension GraphView {
  /// A beam of `ef` nearest allowed rows of level 0, walked through all rows: the walk ends when no candidate is nearer
  /// than the worst of a full beam.
  @inline(__always)
  func restrictedBeam(
    from start: Int32, ef: Int, scorer: some RowScorer, scratch: UnsafeMutablePointer<SearchScratch>,
    allows: (Int32) -> Bool
  ) -> CandidatePool {
    var pool = CandidatePool(keys: scratch.pointee.keys, capacity: ef)
    var frontier = CandidateHeap(keys: scratch.pointee.frontier)
    let view = levels[0]
    let scores = scratch.pointee.scores
    let rows = scratch.pointee.rows
    var expanded = 0

    _ = scratch.pointee.visit(start)
    rows[0] = start
    scorer.score(rows, 1, into: scores)
    frontier.push(Candidate(distance: scores[0], row: start))
    if allows(start) { pool.insert(Candidate(distance: scores[0], row: start)) }

    while true {
      guard let nearest = frontier.pop() else {
        if pool.isFull || !scratch.pointee.visit(entryRow) { break }
        rows[0] = entryRow
        scorer.score(rows, 1, into: scores)
        frontier.push(Candidate(distance: scores[0], row: entryRow))
        if allows(entryRow) { pool.insert(Candidate(distance: scores[0], row: entryRow)) }
        continue
      }
      if pool.isFull && nearest.key > pool[pool.count &- 1].key { break }
      expanded &+= 1
      let fresh = scratch.pointee.visitAll(view.list(ofNode: nearest.row), width: view.width)
      if fresh.count == 0 { continue }
      scorer.score(fresh.baseAddress.unsafelyUnwrapped, fresh.count, into: scores)
      for i in 0..<fresh.count {
        let candidate = Candidate(distance: scores[i], row: fresh[i])
        if pool.isFull && candidate.key >= pool[pool.count &- 1].key { continue }
        frontier.push(candidate)
        if allows(candidate.row) { pool.insert(candidate) }
      }
    }
    scratch.pointee.statistics.visited &+= expanded
    scratch.pointee.statistics.distances &+= scratch.pointee.touchedCount
    return pool
  }
}
