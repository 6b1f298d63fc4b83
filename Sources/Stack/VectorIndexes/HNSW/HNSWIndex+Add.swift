import Kernels

extension HNSWIndex {
  /// Adds one batch; the links of `m` neighbours a row are chosen at once, the second pass waits for `optimize`.
  ///
  /// - Complexity: about O(efConstruction · m · log count) distances a row.
  public func add(_ vectors: Span<Float>, ids newIDs: Span<Int64>) throws {
    let rows = try VectorBatch.validate(vectors, dimension: dimension, metric: metric)
    if parameters.originals == .f16, metric != .cosine { try HalfFloat.check(vectors, dimension: dimension) }
    try gate.exclusively {
      try VectorBatch.validateIDs(newIDs, rows: rows) { id in ids.row(ofID: id).map { !isRemoved($0) } ?? false }
      guard rows > 0 else { return }
      let first = graph.rowCount
      guard first + rows < 1 << 31 else {
        throw VectorIndexError.invalidArgument("\(first + rows) vectors are too many; an index holds 2147483647")
      }
      try vectors.withUnsafeBufferPointer {
        try storage.store($0.baseAddress!, count: rows, at: first, threads: parameters.threads)
      }
      if removedCount > 0 { try removed.resize(to: (first + rows + 63) / 64) }
      try ids.append(newIDs)
      try graph.appendRows(to: first + rows)
      withSpace(InsertRows(index: self, rows: first..<first + rows, lowestLevel: 0))
      unrepairedCount += rows
      // A pass over all links for every few rows would cost more than the rows do.
      if parameters.threads > 1 || unrepairedCount * 64 >= graph.rowCount { repair() }
    }
  }

  func repair() {
    withSpace(Repair(index: self))
    unrepairedCount = 0
  }

  /// Runs a task on the space in which this index compares rows.
  func withSpace(_ task: some SpaceTask) {
    switch (parameters.traversal, parameters.originals) {
    case (.full, .f16): task.run(storage.halfSpace)
    case (.full, _): task.run(storage.floatSpace)
    case (.sq8, _), (.sq4, _): task.run(storage.codeSpace)
    }
  }
}

/// Work that is compiled once for every space.
protocol SpaceTask {
  func run(_ space: some RowSpace)
}

/// Links rows that are in the graph's arrays but not in its lists.
struct InsertRows: SpaceTask {
  let index: HNSWIndex
  let rows: Range<Int>
  /// 1 builds the levels above an existing level 0.
  let lowestLevel: Int

  /// Rows that are inserted one by one before threads share the rest.
  private static var sequentialRows: Int { 512 }

  func run(_ space: some RowSpace) {
    let graph = index.graph
    let parameters = index.parameters
    let levels = rows.map { graph.level(ofRow: $0) }
    var order = rows.indices.filter { levels[$0 - rows.lowerBound] >= lowestLevel }
    // The row that reaches highest goes first and becomes the entry point, so that none of the others changes it.
    if let highest = order.max(by: { levels[$0 - rows.lowerBound] < levels[$1 - rows.lowerBound] }),
      graph.entry < 0 || levels[highest - rows.lowerBound] > graph.top
    {
      order.removeAll { $0 == highest }
      let level = levels[highest - rows.lowerBound]
      if graph.entry >= 0 {
        let builder = index.builder(space, locks: nil)
        let scratch = index.gate.scratch(0)
        builder.reserve(scratch)
        builder.insert(row: Int32(highest), levels: lowestLevel...level, scratch: scratch)
      }
      graph.top = level
      graph.entry = graph.view.levels[level].node(ofRow: Int32(highest))
    }
    let sequential =
      parameters.threads > 1 ? min(order.count, max(0, Self.sequentialRows - rows.lowerBound)) : order.count
    insert(order[..<sequential], levels, index.builder(space, locks: nil), threads: 1)
    if sequential < order.count {
      insert(
        order[sequential...], levels, index.builder(space, locks: LinkLocks()),
        threads: parameters.threads)
    }
  }

  private func insert(
    _ order: ArraySlice<Int>, _ levels: [Int], _ builder: GraphBuilder<some RowSpace>, threads: Int
  ) {
    let gate = index.gate
    let lowest = lowestLevel
    let first = rows.lowerBound
    Parallel.forEach(count: order.count, threads: threads, grain: threads > 1 ? 32 : order.count) { worker, range in
      let scratch = gate.scratch(worker)
      builder.reserve(scratch)
      for i in range {
        let row = order[order.startIndex + i]
        builder.insert(row: Int32(row), levels: lowest...levels[row - first], scratch: scratch)
      }
    }
  }
}

/// Links unreachable rows in.
struct Repair: SpaceTask {
  let index: HNSWIndex

  func run(_ space: some RowSpace) {
    let builder = index.builder(space, locks: nil)
    let scratch = index.gate.scratch(0)
    builder.reserve(scratch)
    GraphRepair.run(index.graph.view) { repair in
      repair.connectAll(space, efConstruction: index.parameters.efConstruction, scratch: scratch)
    }
  }
}

extension HNSWIndex {
  func builder<Space: RowSpace>(_ space: Space, locks: LinkLocks?) -> GraphBuilder<Space> {
    GraphBuilder(
      graph: graph.view, m: parameters.m, efConstruction: parameters.efConstruction, space: space,
      shift: metric == .ip ? storage.squaredNorms?.upperBound ?? 0 : 0, locks: locks,
      removed: removedCount > 0 ? UnsafePointer(removed.base) : nil)
  }
}
