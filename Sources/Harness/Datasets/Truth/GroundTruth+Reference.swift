import Files

extension GroundTruth {
  /// The plain computation in double precision on one thread, for small sets and to check faster ones against.
  ///
  /// - Throws: `DataError.invalid` if k is not from 1 to the number of base rows, or the dimensions differ.
  /// - Complexity: O(queries × base × dimension).
  public static func reference(of dataset: VectorDataset, k: Int) throws -> GroundTruth {
    let (base, queries) = (dataset.base, dataset.queries)
    guard (1...max(base.count, 1)).contains(k) else {
      throw DataError.invalid("k is \(k); it must be from 1 to the \(base.count) rows of the base set")
    }
    guard base.dimension == queries.dimension else {
      throw DataError.invalid("base vectors have dimension \(base.dimension), queries \(queries.dimension)")
    }
    var truth = GroundTruth(k: k, neighbors: [], distances: [])
    for query in 0..<queries.count {
      var nearest: [(row: Int, distance: Double)] = []
      for row in 0..<base.count {
        let distance = dataset.metric.distance(queries.row(query), base.row(row))
        // Rows come in order, so a later one goes behind its equals.
        if nearest.count == k, distance >= nearest[k - 1].distance { continue }
        if nearest.count == k { nearest.removeLast() }
        let place = nearest.lastIndex { $0.distance <= distance }.map { $0 + 1 } ?? 0
        nearest.insert((row, distance), at: place)
      }
      truth.neighbors += nearest.map { Int32($0.row) }
      truth.distances += nearest.map { Float($0.distance) }
    }
    return truth
  }
}

extension DatasetMetric {
  /// Squared L2, −ip or 1 − cosine of two vectors of one dimension in double precision; smaller is nearer.
  public func distance(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        switch self {
        case .l2: DatasetMetric.sum(a.count) { (Double(a[$0]) - Double(b[$0])) * (Double(a[$0]) - Double(b[$0])) }
        case .ip: -DatasetMetric.dot(a, b)
        case .cosine:
          1 - DatasetMetric.dot(a, b)
            / (DatasetMetric.dot(a, a).squareRoot() * DatasetMetric.dot(b, b).squareRoot())
        }
      }
    }
  }

  private static func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
    sum(a.count) { Double(a[$0]) * Double(b[$0]) }
  }

  /// Four partial sums, so that an addition need not wait for the one before it.
  private static func sum(_ count: Int, _ term: (Int) -> Double) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var index = 0
    while index + 4 <= count {
      a += term(index)
      b += term(index + 1)
      c += term(index + 2)
      d += term(index + 3)
      index += 4
    }
    while index < count {
      a += term(index)
      index += 1
    }
    return (a + b) + (c + d)
  }
}
