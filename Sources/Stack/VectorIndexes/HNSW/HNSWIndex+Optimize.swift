import Kernels

extension HNSWIndex {
  /// Runs the second pass over rows that have not had it, takes removed rows out for good, links in whatever became
  /// unreachable, and gives back memory reserved for growth.
  ///
  /// - Complexity: as `add` for the rows that are linked anew: those not optimised yet, and those that had a removed
  ///   neighbour.
  public func optimize() throws {
    try gate.exclusively {
      guard graph.rowCount > 0 else { return }
      try graph.makeWritable()
      if removedCount == graph.rowCount {
        try removeEverything()
        return
      }
      let rows = rowsToRelink()
      if !rows.isEmpty { withSpace(RelinkRows(index: self, rows: rows)) }
      if removedCount > 0 { try compact() }
      optimizedCount = graph.rowCount
      repair()
      graph.trim()
      storage.trim()
      ids.trim()
    }
  }

  private func rowsToRelink() -> [Int32] {
    let first = parameters.passes > 1 ? optimizedCount : graph.rowCount
    let view = graph.view.levels[0]
    return (0..<Int32(graph.rowCount)).filter { row in
      if isRemoved(row) { return false }
      if row >= first { return true }
      if removedCount == 0 { return false }
      let list = view.list(ofNode: row)
      return (0..<view.degree(ofNode: row)).contains { isRemoved(list[$0]) }
    }
  }

  /// Alpha compares distances by ratio. Inner products have such a scale, 1 − ⟨x, y⟩ up to a factor, only where vectors are
  /// about equally long.
  fileprivate var secondPassAlpha: Float {
    guard metric == .ip, let norms = storage.squaredNorms else { return parameters.alpha }
    return norms.lowerBound >= 0.8 * norms.upperBound ? parameters.alpha : 1
  }

  private func removeEverything() throws {
    try ids.keep([])
    try storage.resize(to: 0)
    storage.trim()
    graph = HNSWGraph(m: parameters.m, seed: parameters.seed)
    try removed.resize(to: 0)
    removedCount = 0
    optimizedCount = 0
  }

  /// Renumbers the rows that are alive, which by now link to none that is not, and builds the levels above 0 anew.
  private func compact() throws {
    let alive = (0..<Int32(graph.rowCount)).filter { !isRemoved($0) }
    let newRow = UnsafeMutablePointer<Int32>.allocate(capacity: graph.rowCount)
    defer { newRow.deallocate() }
    for (new, old) in alive.enumerated() { newRow[Int(old)] = Int32(new) }
    let compacted = HNSWGraph(m: parameters.m, seed: parameters.seed)
    try compacted.appendRows(to: alive.count)
    try ids.keep(alive)
    // Rows of a mapped file are copied into memory before any is moved.
    try storage.resize(to: graph.rowCount)
    let source = graph.view.levels[0]
    let target = compacted.view.levels[0]
    for (new, old) in alive.enumerated() {
      storage.move(row: Int(old), to: new)
      let from = source.list(ofNode: old)
      let to = target.list(ofNode: Int32(new))
      for i in 0..<source.degree(ofNode: old) { to[i] = newRow[Int(from[i])] }
    }
    try storage.resize(to: alive.count)
    graph = compacted
    try removed.resize(to: 0)
    removed.trim()
    removedCount = 0
    withSpace(InsertRows(index: self, rows: 0..<alive.count, lowestLevel: 1))
    if graph.entry < 0 { graph.entry = 0 }
  }
}

/// The second pass over the rows listed.
private struct RelinkRows: SpaceTask {
  let index: HNSWIndex
  let rows: [Int32]

  func run(_ space: some RowSpace) {
    let threads = index.parameters.threads
    let builder = index.builder(space, locks: threads > 1 ? LinkLocks() : nil)
    let alpha = index.secondPassAlpha
    let gate = index.gate
    Parallel.forEach(count: rows.count, threads: threads, grain: threads > 1 ? 32 : rows.count) { worker, range in
      let scratch = gate.scratch(worker)
      builder.reserve(scratch)
      for i in range { builder.relink(row: rows[i], alpha: alpha, scratch: scratch) }
    }
  }
}
