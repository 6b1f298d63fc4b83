package import Datasets
internal import Instrumentation
internal import VectorIndexes

extension InTreeEngine: LiveEngine {
  package func insert(_ vectors: VectorSet, rows: Range<Int>) throws {
    guard let index else { throw EngineError("the index was not built, so nothing can be inserted") }
    let ids = rows.map(Int64.init)
    let d = vectors.dimension
    try index.add(vectors.values.span.extracting(rows.lowerBound * d..<rows.upperBound * d), ids: ids.span)
  }

  package func liveSearch(
    k: Int, parameters: [String: String]
  ) throws -> (_ queries: VectorSet, _ row: Int) throws -> UInt64 {
    guard let index else { throw EngineError("the index was not built, so it cannot be searched") }
    let parameters = try SearchParameters(named: parameters)
    var neighbors = [Neighbor](repeating: .none, count: k)
    return { queries, row in
      let query = queries.values.span.extracting(row * queries.dimension..<(row + 1) * queries.dimension)
      var results = neighbors.mutableSpan
      let start = MonotonicClock.now()
      try index.search(query, k: k, parameters: parameters, filter: nil, into: &results)
      return MonotonicClock.now() - start
    }
  }
}
