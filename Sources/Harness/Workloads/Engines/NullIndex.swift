package import VectorIndexes

/// Answers every search at once with nothing: what a pass over it takes is the harness's own cost.
package final class NullIndex: VectorIndex {
  package static let kind = "null"
  package let dimension: Int
  package let metric: DistanceMetric
  package var count: Int { 0 }
  package var isTrained: Bool { true }
  package var memory: IndexMemory { IndexMemory() }

  package init(dimension: Int, metric: DistanceMetric) {
    self.dimension = dimension
    self.metric = metric
  }

  package func train(_ vectors: Span<Float>) throws {}
  package func add(_ vectors: Span<Float>, ids: Span<Int64>) throws {}
  package func remove(ids: Span<Int64>) throws -> Int { 0 }
  package func save(to path: String) throws { throw EngineError("the null index holds nothing to save") }

  @inline(never)
  package func search(
    _ query: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    SearchStatistics()
  }

  @inline(never)
  package func searchBatch(
    _ queries: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?, threads: Int,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    SearchStatistics()
  }
}

extension InTreeEngine {
  /// The engine whose passes measure the harness itself.
  package static func null() -> InTreeEngine {
    InTreeEngine(labels: ["engine": "ragmeter", "index": NullIndex.kind]) { dimension, metric, _ in
      NullIndex(dimension: dimension, metric: metric)
    }
  }
}
