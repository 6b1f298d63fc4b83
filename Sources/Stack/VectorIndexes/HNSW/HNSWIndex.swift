import Kernels

/// Hierarchical navigable small world graph (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search
/// using Hierarchical Navigable Small World graphs", 2016), walked on the vectors or on 8-bit or 4-bit codes of them.
///
/// Rows are numbered in the order they were added. A row that is removed stays in the graph, walked through and never
/// returned, until `optimize`.
public final class HNSWIndex: VectorIndex, @unchecked Sendable {
  // Sendable holds because everything that changes does so inside `gate.exclusively`, and is read by holders of a slot of
  // the gate.

  public static var kind: String { "hnsw" }

  public let dimension: Int
  public let metric: DistanceMetric
  public let parameters: HNSWParameters

  let gate = SearchGate()
  let storage: RowStorage
  var graph: HNSWGraph
  var ids: RowIDs
  /// One bit a row; empty while nothing was removed.
  var removed: GrowableBuffer<UInt64>
  var removedCount: Int
  /// Rows below this one went through the second pass.
  var optimizedCount: Int
  /// Rows added since unreachable ones were last looked for.
  var unrepairedCount = 0

  /// - Throws: `invalidArgument` for a dimension outside 1...32 768.
  public init(dimension: Int, metric: DistanceMetric, parameters: HNSWParameters) throws(VectorIndexError) {
    try VectorBatch.validate(dimension: dimension)
    self.dimension = dimension
    self.metric = metric
    self.parameters = parameters
    storage = RowStorage(dimension: dimension, metric: metric, parameters: parameters)
    graph = HNSWGraph(m: parameters.m, seed: parameters.seed)
    ids = RowIDs()
    removed = .init()
    removedCount = 0
    optimizedCount = 0
  }

  /// An index as a specification describes it: kind "hnsw", "hnsw-sq8" or "hnsw-sq4".
  ///
  /// - Throws: `invalidArgument` for another kind, an unknown parameter and a value out of range.
  public static func make(
    kind: String = HNSWIndex.kind, dimension: Int, metric: DistanceMetric, parameters: [String: String]
  ) throws(VectorIndexError) -> HNSWIndex {
    guard let traversal = HNSWParameters.Traversal(rawValue: kind) else {
      let known = HNSWParameters.Traversal.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalidArgument("\(kind) is no HNSW index; choose one of \(known)")
    }
    return try HNSWIndex(
      dimension: dimension, metric: metric, parameters: HNSWParameters(traversal: traversal, parameters))
  }

  /// An index that was read from a file.
  init(
    dimension: Int, metric: DistanceMetric, parameters: HNSWParameters, storage: RowStorage, graph: HNSWGraph,
    ids: RowIDs, removed: GrowableBuffer<UInt64>, removedCount: Int, optimizedCount: Int
  ) {
    self.dimension = dimension
    self.metric = metric
    self.parameters = parameters
    self.storage = storage
    self.graph = graph
    self.ids = ids
    self.removed = removed
    self.removedCount = removedCount
    self.optimizedCount = optimizedCount
  }

  public var count: Int { reading { graph.rowCount - removedCount } }

  public var isTrained: Bool { true }

  public var memory: IndexMemory {
    reading {
      IndexMemory(
        vectors: storage.floats.bytes + storage.halves.bytes, codes: storage.codes.bytes + storage.terms.bytes,
        structure: graph.byteCount, ids: ids.bytes + removed.bytes)
    }
  }

  /// Takes the mean that codes are measured from of a sample. An index without it takes the mean of the first batch; one
  /// that holds vectors keeps the mean it has.
  public func train(_ vectors: Span<Float>) throws {
    let rows = try VectorBatch.validate(vectors, dimension: dimension, metric: metric)
    guard rows > 0 else { throw VectorIndexError.invalidArgument("no vectors to train with; pass at least one") }
    gate.exclusively {
      if graph.rowCount == 0 { vectors.withUnsafeBufferPointer { storage.train($0.baseAddress!, count: rows) } }
    }
  }

  /// Marks rows as removed: searches walk through them and do not return them.
  ///
  /// - Complexity: O(ids).
  @discardableResult
  public func remove(ids removing: Span<Int64>) throws -> Int {
    try gate.exclusively {
      var count = 0
      try removed.resize(to: (graph.rowCount + 63) / 64)
      for i in 0..<removing.count {
        guard let row = ids.row(ofID: removing[i]), !isRemoved(row) else { continue }
        removed.base[Int(row) >> 6] |= 1 << UInt64(row & 63)
        count += 1
      }
      removedCount += count
      return count
    }
  }

  /// Rows, ascending, that no path of level 0 leads to from the entry point.
  package var unreachableRows: [Int32] {
    gate.exclusively { GraphRepair.unreachable(in: graph.view) }
  }

  /// The links of level 0, 2m places a row, each list ended by −1 if it is not full.
  package var baseLinks: [Int32] { gate.exclusively { Array(graph.links.elements) } }

  @inline(__always)
  func isRemoved(_ row: Int32) -> Bool {
    let word = Int(row) &>> 6
    return word < removed.count && removed.base[word] & 1 &<< UInt64(row & 63) != 0
  }

  private func reading<Result>(_ body: () -> Result) -> Result {
    let (slot, _) = gate.enter()
    defer { gate.leave(slot) }
    return body()
  }
}
