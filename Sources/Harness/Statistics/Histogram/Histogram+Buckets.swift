extension Histogram {
  /// Buckets of one octave; the first two octaves' worth of values have a bucket each.
  private static let perOctave = 512
  private static let octaveBits = 9

  static let bucketCount = (64 - octaveBits) * perOctave + perOctave

  static func bucket(of value: UInt64) -> Int {
    let shift = max(0, 63 - octaveBits - (value | 1).leadingZeroBitCount)
    return shift * perOctave + Int(truncatingIfNeeded: value >> UInt64(shift))
  }

  /// Smallest and largest value of a bucket.
  static func range(ofBucket index: Int) -> ClosedRange<UInt64> {
    guard index >= 2 * perOctave else { return UInt64(index)...UInt64(index) }
    let shift = UInt64(index / perOctave - 1)
    let lower = UInt64(index % perOctave + perOctave) << shift
    return lower...(lower + ((1 << shift) - 1))
  }
}
