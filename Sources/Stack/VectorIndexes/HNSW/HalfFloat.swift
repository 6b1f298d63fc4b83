/// Conversion between float32 and IEEE 754 half precision by integer arithmetic, which the compiler vectorises on every
/// CPU; `Float16` is a library call a value where the target lacks F16C.
enum HalfFloat {
  /// The largest finite value.
  static let greatest: Float = 65504

  /// Rounds to nearest, ties to even. Values must not exceed `greatest` in magnitude.
  static func encode(_ values: UnsafePointer<Float>, _ count: Int, into halves: UnsafeMutablePointer<UInt16>) {
    for i in 0..<count {
      let bits = values[i].bitPattern
      let sign = (bits &>> 16) & 0x8000
      let magnitude = bits & 0x7fff_ffff
      // Below the smallest normal half, adding 0.5 leaves the rounded subnormal in the low bits.
      let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3f00_0000
      let normal = (magnitude &- 0x3800_0000 &+ 0xfff &+ ((magnitude &>> 13) & 1)) &>> 13
      halves[i] = UInt16(truncatingIfNeeded: sign | (magnitude < 0x3880_0000 ? subnormal : normal))
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
