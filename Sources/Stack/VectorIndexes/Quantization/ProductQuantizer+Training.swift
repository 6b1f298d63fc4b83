import Kernels

extension ProductQuantizer {
  /// Residuals that code books are learnt from.
  static let trainingRows = 16_384

  /// Learns code books from residuals by Lloyd's algorithm, all sub-quantisers at once.
  ///
  /// - Parameters:
  ///   - residuals: `count` rows of m · width floats, padded with zeros.
  ///   - count: at least 1.
  /// - Complexity: O(iterations · count · dimension · 16).
  static func learn(
    residuals: UnsafePointer<Float>, count: Int, dimension: Int, metric: DistanceMetric, m: Int, mean: [Float],
    iterations: Int, random: inout SplitMix64
  ) -> ProductQuantizer {
    let width = Self.width(dimension: dimension, m: m)
    let centroids = ProductCodes.centroids
    let row = m * width
    var books = [Float](repeating: 0, count: row * centroids)
    for c in 0..<centroids {
      let drawn = residuals + Int.random(in: 0..<count, using: &random) * row
      for j in 0..<row { books[j * centroids + c] = drawn[j] }
    }
    var scratch = [Float](repeating: 0, count: row + m * centroids)
    var codes = [UInt8](repeating: 0, count: m)
    for _ in 0..<iterations {
      let quantizer = ProductQuantizer(dimension: dimension, metric: metric, m: m, books: books, mean: mean)
      var sums = [Float](repeating: 0, count: books.count)
      var counts = [Int](repeating: 0, count: m * centroids)
      for index in 0..<count {
        let x = residuals + index * row
        for j in 0..<row { scratch[j] = x[j] }
        quantizer.codes(ofResidualIn: &scratch, into: &codes)
        for sub in 0..<m {
          let c = Int(codes[sub])
          counts[sub * centroids + c] += 1
          for j in sub * width..<(sub + 1) * width { sums[j * centroids + c] += x[j] }
        }
      }
      for sub in 0..<m {
        for c in 0..<centroids {
          let members = counts[sub * centroids + c]
          // A centroid that nothing is near starts again somewhere else.
          let drawn = residuals + (members == 0 ? Int.random(in: 0..<count, using: &random) * row : 0)
          for j in sub * width..<(sub + 1) * width {
            books[j * centroids + c] = members == 0 ? drawn[j] : sums[j * centroids + c] / Float(members)
          }
        }
      }
    }
    return ProductQuantizer(dimension: dimension, metric: metric, m: m, books: books, mean: mean)
  }
}
