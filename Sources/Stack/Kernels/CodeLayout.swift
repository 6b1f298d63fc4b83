/// Row-major layouts of integer codes, for the gather kernels: see `CKernels.h`. A row comes and goes as `dimension` bytes,
/// one a dimension; 4-bit codes lie in 0...15.
package enum CodeLayout {
  case bits8
  case bits4

  /// The code that stands for the centre; padding holds it.
  package var zero: UInt8 { self == .bits8 ? 128 : 7 }

  /// Dimensions a row holds with its padding: a multiple of 64, or of 128 for 4 bits.
  package func paddedDimension(_ dimension: Int) -> Int {
    let block = self == .bits8 ? 64 : 128
    return (dimension + block - 1) / block * block
  }

  /// Bytes of one row.
  package func rowBytes(_ dimension: Int) -> Int {
    self == .bits8 ? paddedDimension(dimension) : paddedDimension(dimension) / 2
  }

  /// Writes one row of `rowBytes(dimension)` bytes.
  package func pack(_ codes: UnsafePointer<UInt8>, dimension: Int, into row: UnsafeMutablePointer<UInt8>) {
    switch self {
    case .bits8:
      row.update(from: codes, count: dimension)
      (row + dimension).update(repeating: zero, count: paddedDimension(dimension) - dimension)
    case .bits4:
      var start = 0
      while start < dimension {
        let block = row + start / 2
        for j in 0..<64 {
          let low = start + j < dimension ? codes[start + j] : zero
          let high = start + 64 + j < dimension ? codes[start + 64 + j] : zero
          block[j] = low & 15 | high << 4
        }
        start += 128
      }
    }
  }

  /// Reads one row back.
  package func unpack(_ row: UnsafePointer<UInt8>, dimension: Int, into codes: UnsafeMutablePointer<UInt8>) {
    switch self {
    case .bits8:
      codes.update(from: row, count: dimension)
    case .bits4:
      for j in 0..<dimension {
        let byte = row[j / 128 * 64 + j % 64]
        codes[j] = j % 128 < 64 ? byte & 15 : byte >> 4
      }
    }
  }
}
