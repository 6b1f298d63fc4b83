import Kernels

/// What every index asks of the vectors and numbers that come through its door.
package enum VectorBatch {
  /// The largest dimension: products of byte codes stay exact in 32 bits.
  package static let largestDimension = 32_768

  package static func validate(dimension: Int) throws(VectorIndexError) {
    guard (1...largestDimension).contains(dimension) else {
      throw .invalidArgument("dimension \(dimension) is outside 1...\(largestDimension)")
    }
  }

  /// The error for a query of `count` floats.
  package static func wrongDimension(_ count: Int, _ dimension: Int) -> VectorIndexError {
    .invalidArgument("the query has \(count) dimensions and the index \(dimension)")
  }

  /// Rows in `vectors`.
  ///
  /// - Throws: `invalidArgument` when the length is no multiple of the dimension, `invalidVector` for NaN, infinity, and
  ///   a zero vector under cosine.
  /// - Complexity: O(count · dimension).
  package static func validate(
    _ vectors: Span<Float>, dimension: Int, metric: DistanceMetric
  ) throws(VectorIndexError) -> Int {
    guard vectors.count % dimension == 0 else {
      throw .invalidArgument(
        "\(vectors.count) floats are no whole number of vectors of dimension \(dimension); pass rows without gaps")
    }
    let rows = vectors.count / dimension
    guard rows > 0 else { return 0 }
    let failure = vectors.withUnsafeBufferPointer { values in
      fault(values.baseAddress!, rows: rows, dimension: dimension, metric: metric)
    }
    if let failure { throw failure }
    return rows
  }

  private static func fault(
    _ values: UnsafePointer<Float>, rows: Int, dimension: Int, metric: DistanceMetric
  ) -> VectorIndexError? {
    for row in 0..<rows {
      let x = values + row * dimension
      if !Quantization.allFinite(x, count: dimension) {
        let at = (0..<dimension).first { !x[$0].isFinite } ?? 0
        return .invalidVector(row: row, reason: "holds \(x[at]) at dimension \(at); every value must be finite")
      }
      if metric == .cosine, Quantization.squaredNorm(x, dimension: dimension) == 0 {
        return .invalidVector(row: row, reason: "is zero and has no direction; cosine needs non-zero vectors")
      }
    }
    return nil
  }

  /// Checks one search's numbers; returns the number of queries.
  package static func validateSearch(
    _ queries: Span<Float>, k: Int, places: Int, dimension: Int, metric: DistanceMetric
  ) throws(VectorIndexError) -> Int {
    guard k > 0 else { throw .invalidArgument("k is \(k); ask for at least 1 neighbour") }
    let count = try validate(queries, dimension: dimension, metric: metric)
    guard places == count * k else {
      throw .invalidArgument("results hold \(places) places; \(count) queries with k = \(k) need \(count * k)")
    }
    return count
  }

  /// Checks that ids fit the rows and are neither negative nor twice in the batch; `isPresent` tells those of the index.
  package static func validateIDs(
    _ ids: Span<Int64>, rows: Int, isPresent: (Int64) -> Bool
  ) throws(VectorIndexError) {
    guard ids.count == rows else {
      throw .invalidArgument("\(ids.count) ids were given for \(rows) vectors; pass one id a vector")
    }
    var previous = Int64(-1)
    var ascending = true
    for index in 0..<ids.count {
      let id = ids[index]
      guard id >= 0 else { throw .invalidArgument("id \(id) is negative; ids must be 0 or more") }
      if isPresent(id) { throw .duplicateID(id) }
      ascending = ascending && id > previous
      previous = id
    }
    if ascending { return }
    var seen = Set<Int64>(minimumCapacity: ids.count)
    for index in 0..<ids.count where !seen.insert(ids[index]).inserted { throw .duplicateID(ids[index]) }
  }

  /// out = x / |x|, or x where the metric does not ask for it.
  @inline(__always)
  package static func prepare(
    _ x: UnsafePointer<Float>, dimension: Int, metric: DistanceMetric, into out: UnsafeMutablePointer<Float>
  ) {
    let factor = metric == .cosine ? 1 / Quantization.squaredNorm(x, dimension: dimension).squareRoot() : 1
    Quantization.scale(x, dimension: dimension, by: factor, into: out)
  }
}
