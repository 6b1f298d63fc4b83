import CKernels

/// Float32 vectors turned into integer codes, one a byte; see `CQuantize.h`. `CodeLayout` packs them.
package enum Quantization {
  /// How a row's scale is chosen once its codes are fixed.
  package enum ScaleRule: Sendable {
    /// The quantisation step.
    case step
    /// |v|² / ⟨v, c⟩, which makes the estimate of a row against itself right.
    case unbiased
    /// ⟨v, c⟩ / |c|², which makes |v − s·c| smallest.
    case leastSquares
  }

  /// What is known of v = row − reference and its code: v = s·c + e.
  package struct Row: Sendable {
    /// s, representable as a float.
    package var scale: Double
    /// |v|².
    package var squaredNorm: Double
    /// |e|², never below the true one.
    package var squaredError: Double
    /// |s·c|².
    package var squaredCodeNorm: Double
    /// ⟨mean, s·c⟩.
    package var meanDotCode: Double
    /// ⟨reference, s·c⟩.
    package var referenceDotCode: Double
    /// ⟨reference, v⟩.
    package var referenceDotRow: Double
  }

  /// What is known of q' = query − mean and its code: q' = s·q8 + e.
  package struct Query: Sendable {
    package var scale: Double
    /// |q'|².
    package var squaredNorm: Double
    /// |e|², never below the true one.
    package var squaredError: Double
    /// |query|².
    package var plainSquaredNorm: Double
    /// ⟨q, mean⟩.
    package var dotMean: Double
    /// Σ q8.
    package var codeSum: Int32
  }

  /// Writes `dimension` unsigned codes, one a byte: `zero` + v/step rounded and clamped to ±`levels`.
  @inline(__always)
  package static func encodeRow(
    _ x: UnsafePointer<Float>, reference: UnsafePointer<Float>, mean: UnsafePointer<Float>, dimension: Int,
    levels: Int32, zero: Int32, clip: Double, rule: ScaleRule, into codes: UnsafeMutablePointer<UInt8>
  ) -> Row {
    let scaleRule =
      switch rule {
      case .step: CK_SCALE_STEP
      case .unbiased: CK_SCALE_UNBIASED
      case .leastSquares: CK_SCALE_LEAST_SQUARES
      }
    let row = ck_quantize_row(x, reference, mean, dimension, levels, zero, clip, scaleRule, codes)
    return Row(
      scale: row.scale, squaredNorm: row.norm2, squaredError: row.error2, squaredCodeNorm: row.code_norm2,
      meanDotCode: row.mean_code, referenceDotCode: row.reference_code, referenceDotRow: row.reference_row)
  }

  /// Writes `dimension` signed codes of ±127.
  package static func encodeQuery(
    _ q: UnsafePointer<Float>, mean: UnsafePointer<Float>, dimension: Int, into codes: UnsafeMutablePointer<Int8>
  ) -> Query {
    let query = ck_quantize_query(q, mean, dimension, codes)
    return Query(
      scale: query.scale, squaredNorm: query.norm2, squaredError: query.error2, plainSquaredNorm: query.plain_norm2,
      dotMean: query.dot_mean,
      codeSum: query.sum)
  }

  /// Whether no value is NaN or infinite.
  package static func allFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool {
    ck_all_finite(values, count) != 0
  }

  /// |x|² in double.
  package static func squaredNorm(_ x: UnsafePointer<Float>, dimension: Int) -> Double {
    ck_norm2(x, dimension)
  }

  /// out = x · factor, multiplied in double.
  package static func scale(
    _ x: UnsafePointer<Float>, dimension: Int, by factor: Double, into out: UnsafeMutablePointer<Float>
  ) {
    ck_scale(x, dimension, factor, out)
  }
}
