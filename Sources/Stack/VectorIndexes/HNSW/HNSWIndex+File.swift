/// What an HNSW file says of itself beside its sections.
private struct HNSWHeader: Codable {
  var kind: String
  var dimension: Int
  var metric: DistanceMetric
  var parameters: HNSWParameters
  var rows: Int
  var levels: Int
  var entry: Int32
  var removedCount: Int
  var optimizedCount: Int
  var squaredNorms: ClosedRange<Float>?
  var isTrained: Bool
}

extension HNSWIndex {
  /// Sections: "links", "level1.rows", "level1.below", "level1.links", …; "floats" or "halves"; "codes", "terms", "mean";
  /// "ids" where they are not the row numbers; "removed" where some are.
  public func save(to path: String) throws {
    // A save only reads, so it shuts out writers alone.
    let (slot, _) = gate.enter()
    defer { gate.leave(slot) }
    let header = HNSWHeader(
      kind: parameters.traversal.rawValue, dimension: dimension, metric: metric, parameters: parameters,
      rows: graph.rowCount, levels: graph.upper.count, entry: graph.entry, removedCount: removedCount,
      optimizedCount: optimizedCount, squaredNorms: storage.squaredNorms,
      isTrained: storage.quantizer != nil)
    var sections = [IndexFile.Section("links", graph.links.elements)]
    for (i, level) in graph.upper.enumerated() {
      sections.append(.init("level\(i + 1).rows", level.rows.elements))
      sections.append(.init("level\(i + 1).below", level.below.elements))
      sections.append(.init("level\(i + 1).links", level.links.elements))
    }
    if let ids = ids.stored { sections.append(.init("ids", ids.elements)) }
    if removedCount > 0 { sections.append(.init("removed", removed.elements)) }
    sections += storage.sections
    let mean = storage.quantizer?.mean ?? []
    try mean.withUnsafeBufferPointer { mean in
      if storage.quantizer != nil { sections.append(.init("mean", mean)) }
      try IndexFile.write(to: path, header: header, sections: sections)
    }
  }

  /// Opens a file that `save` wrote. Vectors, codes and links stay in the mapped file until something changes them.
  ///
  /// - Throws: `fileSystem`, or `corruptFile` when any byte is not as it was written.
  public static func open(_ path: String) throws -> HNSWIndex {
    try open(IndexFile.open(path))
  }

  package static func open(_ file: IndexFile) throws -> HNSWIndex {
    let header = try file.header(HNSWHeader.self)
    guard header.kind == header.parameters.traversal.rawValue else {
      throw file.corrupt(
        "header", "names kind \(header.kind) and parameters of \(header.parameters.traversal.rawValue)")
    }
    guard (1...32_768).contains(header.dimension), (2...512).contains(header.parameters.m), header.rows >= 0,
      header.rows < 1 << 31, (0..<HNSWGraph.levelLimit).contains(header.levels),
      (0...header.rows).contains(header.removedCount), (0...header.rows).contains(header.optimizedCount)
    else { throw file.corrupt("header", "holds a number out of range") }
    let graph = try readGraph(file, header)
    let storage = RowStorage(dimension: header.dimension, metric: header.metric, parameters: header.parameters)
    let mean =
      try header.isTrained ? Array(file.section("mean", of: Float.self, count: header.dimension).elements) : nil
    try storage.read(file, rows: header.rows, mean: mean, squaredNorms: header.squaredNorms)
    let stored =
      file.contains("ids")
      ? GrowableBuffer(try file.section("ids", of: Int64.self, count: header.rows)) : nil
    let words = (header.rows + 63) / 64
    let removed =
      header.removedCount > 0
      ? GrowableBuffer(try file.section("removed", of: UInt64.self, count: words)) : GrowableBuffer<UInt64>()
    return HNSWIndex(
      dimension: header.dimension, metric: header.metric, parameters: header.parameters, storage: storage, graph: graph,
      ids: try RowIDs(count: header.rows, stored: stored), removed: removed, removedCount: header.removedCount,
      optimizedCount: header.optimizedCount)
  }

  /// Reads the lists and checks that every number in them exists, so that no search can leave them.
  private static func readGraph(_ file: IndexFile, _ header: HNSWHeader) throws -> HNSWGraph {
    let m = header.parameters.m
    let links = try file.section("links", of: Int32.self, count: header.rows * 2 * m)
    try checkNumbers(links.elements, from: -1, below: header.rows, "links", file)
    var upper: [HNSWGraph.Level] = []
    var below = header.rows
    for level in 1..<max(1, header.levels + 1) {
      let rows = try file.section("level\(level).rows", of: Int32.self)
      let count = rows.elements.count
      let downward = try file.section("level\(level).below", of: Int32.self, count: count)
      let links = try file.section("level\(level).links", of: Int32.self, count: count * m)
      try checkNumbers(rows.elements, from: 0, below: header.rows, "level\(level).rows", file)
      try checkNumbers(downward.elements, from: 0, below: below, "level\(level).below", file)
      try checkNumbers(links.elements, from: -1, below: count, "level\(level).links", file)
      upper.append(HNSWGraph.Level(rows: .init(rows), below: .init(downward), links: .init(links)))
      below = count
    }
    guard header.rows == 0 ? header.entry == -1 : (0..<Int32(below)).contains(header.entry) else {
      throw file.corrupt("header", "names entry point \(header.entry) among \(below) nodes")
    }
    return HNSWGraph(m: m, seed: header.parameters.seed, links: .init(links), upper: upper, entry: header.entry)
  }

  private static func checkNumbers(
    _ numbers: UnsafeBufferPointer<Int32>, from lowest: Int32, below limit: Int, _ section: String, _ file: IndexFile
  ) throws {
    var smallest = lowest
    var largest = lowest
    for number in numbers {
      smallest = min(smallest, number)
      largest = max(largest, number)
    }
    guard smallest >= lowest, Int(largest) < max(limit, Int(lowest) + 1) else {
      throw file.corrupt(section, "names node \(smallest < lowest ? smallest : largest) among \(limit)")
    }
  }
}
