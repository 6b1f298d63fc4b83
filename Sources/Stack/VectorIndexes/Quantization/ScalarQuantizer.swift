package import Kernels

/// Scalar quantisation round a mean, 8 or 4 bits a dimension, with a scale for every row.
///
/// A row x is held as codes c of v = x − reference, v = s·c + e; a query as int8 codes of q' = q − mean, q' = sq·q8 + e_q.
/// The reference is the mean, or the centroid of the row's list. A row's distance is estimated as
/// `constant + bias + scale·weight·(q8·codes − offset)`, where `constant` depends on query and reference alone
/// (`QueryCode.constant` when the reference is the mean). With r = reference:
/// - l2: |q − x|² = |q−r|² + |v|² − 2(q−r)·v, so bias = |v|² + 2(r − mean)·s·c and weight = −2·sq
/// - ip: −q·x = −q·r − q·v, so bias = −mean·s·c − r·e and weight = −sq
///
/// In both, what the estimate leaves out is f·((q−r)·e + e_q·s·c) with f = 2 for l2 and 1 for ip, which by Cauchy and
/// Schwarz is at most f·(|q−r|·|e| + |e_q|·|s·c|).
///
/// 8 bits: 255 levels up to the row's largest value. 4 bits: 15 levels up to 0.7 of it, the scale fitted afterwards.
package struct ScalarQuantizer: Sendable {
  package let layout: CodeLayout
  package let dimension: Int
  /// l2, or ip; cosine is ip on normalised vectors.
  package let metric: DistanceMetric
  package let scaleRule: Quantization.ScaleRule
  /// `dimension` floats.
  package let mean: [Float]

  /// Dimensions of a row-major row, and of an encoded query for any layout.
  package var paddedDimension: Int { layout.paddedDimension(dimension) }

  /// Dimensions of a row in a panel.
  package var panelDimension: Int { layout.panelDimension(dimension) }

  /// Bytes of a row-major row of codes.
  package var rowBytes: Int { layout.rowBytes(dimension) }

  /// Bytes of a panel of 32 rows.
  package var panelBytes: Int { layout.panelBytes(rows: Kernels.panelRows, dimension: dimension) }

  /// - Parameters:
  ///   - mean: one value a dimension; see `mean(of:count:dimension:)`.
  ///   - scaleRule: nil takes the step for 8 bits and the unbiased scale for 4.
  package init(layout: CodeLayout, metric: DistanceMetric, mean: [Float], scaleRule: Quantization.ScaleRule? = nil) {
    self.layout = layout
    self.dimension = mean.count
    self.metric = metric
    self.mean = mean
    self.scaleRule = scaleRule ?? (layout == .bits8 ? .step : .unbiased)
  }

  /// The mean of each dimension, summed in double and kept in float's range.
  ///
  /// - Complexity: O(count · dimension).
  package static func mean(of rows: UnsafePointer<Float>, count: Int, dimension: Int) -> [Float] {
    var sums = [Double](repeating: 0, count: dimension)
    sums.withUnsafeMutableBufferPointer { sums in
      for row in 0..<count {
        let x = rows + row * dimension
        for j in 0..<dimension { sums[j] += Double(x[j]) }
      }
    }
    return sums.map { Float($0 / Double(max(count, 1))) }
  }
}
