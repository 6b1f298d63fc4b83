/// IEEE 754 half precision as bit patterns; `Float16` is a library call a value where the target lacks F16C.
enum HalfFloat {
  /// The largest finite value.
  static let greatest: Float = 65504

  /// - Throws: `invalidVector` for a value beyond the largest.
  static func check(_ vectors: Span<Float>, dimension: Int) throws(VectorIndexError) {
    for i in 0..<vectors.count where abs(vectors[i]) > greatest {
      throw .invalidVector(
        row: i / dimension,
        reason: "holds \(vectors[i]), beyond half precision's \(greatest); build with originals=f32")
    }
  }

  /// Exact for every finite half.
  static func decode(_ halves: UnsafePointer<UInt16>, _ count: Int, into values: UnsafeMutablePointer<Float>) {
    // Multiplying by 2^112 moves the exponent's bias from 15 to 127, subnormals included.
    let scale = Float(bitPattern: 0x7780_0000)
    for i in 0..<count {
      let half = UInt32(halves[i])
      let magnitude = Float(bitPattern: (half & 0x7fff) &<< 13) * scale
      values[i] = Float(bitPattern: magnitude.bitPattern | (half & 0x8000) &<< 16)
    }
  }
}
