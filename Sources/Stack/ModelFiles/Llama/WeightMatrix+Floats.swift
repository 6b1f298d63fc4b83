extension WeightMatrix {
  /// Rows of the matrix as floats, row-major.
  ///
  /// - Parameter output: `rows.count × columns`.
  /// - Throws: `ModelFileError` if there are no such rows, or the room is another.
  public func dequantize(rows wanted: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) throws {
    guard wanted.lowerBound >= 0, wanted.upperBound <= rows, output.count == wanted.count * columns else {
      throw ModelFileError(
        path: "", reason: "a matrix of \(rows) × \(columns) has no rows \(wanted) of \(output.count) values together")
    }
    let rowBytes = columns / type.blockValues * type.blockBytes
    try withBytes { bytes in
      let range = wanted.lowerBound * rowBytes..<wanted.upperBound * rowBytes
      try type.dequantize(UnsafeRawBufferPointer(rebasing: bytes[range]), into: output)
    }
  }
}
