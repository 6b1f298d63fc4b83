extension GroundTruth {
  /// The plain computation in double precision on one thread, for small sets and to check faster ones against.
  ///
  /// - Throws: `DatasetError.invalid` if k is not from 1 to the number of base rows, or the dimensions differ.
  /// - Complexity: O(queries × base × dimension).
  public static func reference(of dataset: VectorDataset, k: Int) throws -> GroundTruth {
    let (base, queries) = (dataset.base, dataset.queries)
    guard (1...max(base.count, 1)).contains(k) else {
      throw DatasetError.invalid("k is \(k); it must be from 1 to the \(base.count) rows of the base set")
    }
    guard base.dimension == queries.dimension else {
      throw DatasetError.invalid("base vectors have dimension \(base.dimension), queries \(queries.dimension)")
    }
    var truth = GroundTruth(k: k, neighbors: [], distances: [])
    for query in 0..<queries.count {
      let nearest = (0..<base.count)
        .map { (row: $0, distance: dataset.metric.distance(queries.row(query), base.row($0))) }
        .sorted { ($0.distance, $0.row) < ($1.distance, $1.row) }
        .prefix(k)
      truth.neighbors += nearest.map { Int32($0.row) }
      truth.distances += nearest.map { Float($0.distance) }
    }
    return truth
  }
}

extension DatasetMetric {
  /// Squared L2, −ip or 1 − cosine in double precision; smaller is nearer.
  public func distance(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    var (square, dot, a2, b2) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      let (x, y) = (Double(x), Double(y))
      square += (x - y) * (x - y)
      dot += x * y
      a2 += x * x
      b2 += y * y
    }
    return switch self {
    case .l2: square
    case .ip: -dot
    case .cosine: 1 - dot / (a2.squareRoot() * b2.squareRoot())
    }
  }
}
