import Kernels

/// What is kept of a query beside its int8 codes.
package struct QueryCode: Sendable, Equatable {
  /// zero · Σq8: subtracted from the raw product of codes.
  package var offset: Int32 = 0
  /// Σq8, the same for every layout.
  package var sum: Int32 = 0
  /// Multiplies a row's scale: −2·sq for l2, −sq for ip.
  package var weight: Float = 0
  /// What sums of look-up tables leave out; 0 for scalar codes.
  package var tableBase: Float = 0
  /// What turns scores of rows measured from the mean into distances: |q'|² for l2, −q·mean for ip.
  package var constant: Float = 0
  /// |q'|, rounded up.
  package var norm: Float = 0
  /// |q|².
  package var squaredNorm: Double = 0
  /// |e_q|, rounded up.
  package var error: Float = 0
}

extension ScalarQuantizer {
  /// Codes of one query.
  ///
  /// - Parameters:
  ///   - q: `dimension` finite floats.
  ///   - codes: `paddedDimension` bytes; the padding is set to 0.
  package func encode(query q: UnsafePointer<Float>, into codes: UnsafeMutablePointer<Int8>) -> QueryCode {
    let query = mean.withUnsafeBufferPointer {
      Quantization.encodeQuery(q, mean: $0.baseAddress!, dimension: dimension, into: codes)
    }
    for j in dimension..<paddedDimension { codes[j] = 0 }
    let factor: Double = metric == .l2 ? -2 : -1
    let constant = metric == .l2 ? query.squaredNorm : -query.dotMean
    return QueryCode(
      offset: Int32(layout.zero) &* query.codeSum, sum: query.codeSum, weight: Float(factor * query.scale),
      constant: Float(max(-1e37, min(1e37, constant))), norm: query.squaredNorm.squareRoot().roundedUp,
      squaredNorm: query.plainSquaredNorm, error: query.squaredError.squareRoot().roundedUp)
  }
}
