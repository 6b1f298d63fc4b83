internal import Datasets
internal import Kernels

/// Squared lengths of vectors in double precision, and the one check that they are numbers.
struct Norms: Sendable {
  let squared: [Double]
  var largest: Double { (squared.max() ?? 0).squareRoot() }

  /// - Throws: `EngineError` that names the first vector with NaN or infinity, or of no length under cosine.
  init(of vectors: VectorSet, metric: DatasetMetric, threads: Int, what: String) throws {
    let d = vectors.dimension
    var squared = [Double](repeating: 0, count: vectors.count)
    squared.withUnsafeMutableBufferPointer { out in
      // Sendable: each place is written by the one worker that has its row.
      nonisolated(unsafe) let out = out
      Parallel.forEach(count: vectors.count, threads: threads, grain: 256) { _, rows in
        vectors.values.withUnsafeBufferPointer { values in
          for row in rows {
            var sum = 0.0
            for j in row * d..<(row + 1) * d { sum += Double(values[j]) * Double(values[j]) }
            out[row] = sum
          }
        }
      }
    }
    if let bad = squared.firstIndex(where: { !$0.isFinite }) {
      throw EngineError("\(what) \(bad) holds NaN or infinity; remove it from the dataset")
    }
    if metric == .cosine, let zero = squared.firstIndex(of: 0) {
      throw EngineError("\(what) \(zero) is all zeros and has no direction under cosine; remove it or use l2")
    }
    self.squared = squared
  }
}
