import Kernels

/// What is kept of a row beside its codes.
package struct RowTerms: Sendable, Equatable {
  /// s: multiplies the integer product.
  package var scale: Float
  /// Added to it; see `ScalarQuantizer`.
  package var bias: Float
  /// |e|, rounded up: how far the row is from its code. Infinite where nothing can be promised.
  package var error: Float
  /// |s·c|, rounded up.
  package var codeNorm: Float
  /// |v|, rounded up.
  package var norm: Float
}

extension ScalarQuantizer {
  /// Codes of one row, one byte a dimension, not padded.
  ///
  /// - Parameters:
  ///   - x: `dimension` finite floats.
  ///   - reference: what the row is measured from; nil is the mean.
  ///   - codes: `dimension` bytes.
  package func encode(
    _ x: UnsafePointer<Float>, reference: UnsafePointer<Float>? = nil, bytes codes: UnsafeMutablePointer<UInt8>
  ) -> RowTerms {
    let row = mean.withUnsafeBufferPointer { mean in
      // A vector of no dimensions is refused at every door, so the mean has a base address.
      Quantization.encodeRow(
        x, reference: reference ?? mean.baseAddress!, mean: mean.baseAddress!, dimension: dimension,
        levels: layout == .bits8 ? 127 : 7, zero: Int32(layout.zero), clip: layout == .bits8 ? 1 : 0.7,
        rule: scaleRule, into: codes)
    }
    return terms(row)
  }

  /// Codes of one row as the row-major kernels read them.
  ///
  /// - Parameters:
  ///   - out: `rowBytes` bytes.
  ///   - scratch: `dimension` bytes.
  package func encode(
    _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>
  ) -> RowTerms {
    let terms = encode(x, bytes: scratch)
    layout.pack(scratch, dimension: dimension, into: out)
    return terms
  }

  /// Codes of one row as row `row` of panels.
  ///
  /// - Parameter scratch: `dimension` bytes.
  package func encode(
    _ x: UnsafePointer<Float>, reference: UnsafePointer<Float>? = nil, row: Int,
    in panels: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>
  ) -> RowTerms {
    let terms = encode(x, reference: reference, bytes: scratch)
    layout.store(scratch, dimension: dimension, row: row, in: panels)
    return terms
  }

  private func terms(_ row: Quantization.Row) -> RowTerms {
    let bias =
      switch metric {
      case .l2: row.squaredNorm + 2 * (row.referenceDotCode - row.meanDotCode)
      case .ip, .cosine: row.referenceDotCode - row.referenceDotRow - row.meanDotCode
      }
    return RowTerms(
      scale: Float(row.scale), bias: Float(max(-1e37, min(1e37, bias))), error: row.squaredError.squareRoot().roundedUp,
      codeNorm: row.squaredCodeNorm.squareRoot().roundedUp, norm: row.squaredNorm.squareRoot().roundedUp)
  }
}

extension Double {
  /// The next float at or above this, with room for the last bits of a double sum.
  var roundedUp: Float { Float(self * (1 + 0x1p-40)).nextUp }
}
