/// A tensor of weights as some file holds it.
struct StoredTensor {
  var name: String
  var path: String
  var type: GGUFType
  /// Rows first.
  var shape: [Int]
  var source: any WeightSource
  var range: Range<Int>

  /// - Throws: `ModelFileError` unless it is of this shape, and of a type that weights are read from.
  func check(shape wanted: [Int]) throws {
    guard shape == wanted else {
      throw failure("has the shape \(shape), and the configuration asks for \(wanted)")
    }
    guard type.holdsWeights else {
      throw failure("is of type \(type.name), and weights are read from \(GGUFType.weightTypes)")
    }
  }

  /// All values, row-major.
  func floats() throws -> [Float] {
    let count = shape.reduce(1, *)
    return try [Float](unsafeUninitializedCapacity: count) { output, filled in
      try type.dequantize(
        UnsafeRawBufferPointer(rebasing: source.bytes[range]),
        into: UnsafeMutableBufferPointer(rebasing: output[..<count]))
      filled = count
    }
  }

  private func failure(_ reason: String) -> ModelFileError {
    ModelFileError(path: path, place: "tensor '\(name)'", reason: reason)
  }
}
