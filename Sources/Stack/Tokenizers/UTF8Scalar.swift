/// Scalars of valid UTF-8, decoded in place.
enum UTF8Scalar {
  /// The scalar that starts at `offset`, and its width in bytes.
  @inline(__always)
  static func decode(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> (scalar: Unicode.Scalar, width: Int) {
    let first = UInt32(bytes[offset])
    func low(_ index: Int) -> UInt32 { UInt32(bytes[offset + index] & 0x3F) }
    let (value, width): (UInt32, Int) =
      first < 0xE0
      ? ((first & 0x1F) << 6 | low(1), 2)
      : first < 0xF0
        ? ((first & 0x0F) << 12 | low(1) << 6 | low(2), 3)
        : ((first & 0x07) << 18 | low(1) << 12 | low(2) << 6 | low(3), 4)
    return (Unicode.Scalar(value) ?? "\u{FFFD}", width)
  }
}
