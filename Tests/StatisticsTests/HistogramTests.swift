import Statistics
import Testing

struct HistogramTests {
  /// Values spread over all magnitudes, as latencies of a stalling system are.
  static func values(_ count: Int, seed: UInt64) -> [UInt64] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in generator.next() >> UInt64.random(in: 0...63, using: &generator) }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func quantilesAreWithinOneInAThousandOfTheExactOnes(seed: UInt64) {
    let values = Self.values(5_000, seed: seed).sorted()
    var histogram = Histogram()
    for value in values { histogram.record(value) }
    for q in [0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999] {
      let exact = values[max(0, Int((q * Double(values.count)).rounded(.up)) - 1)]
      let found = histogram.quantile(q) ?? 0
      #expect(abs(Double(found) - Double(exact)) <= 0.001 * Double(exact), "seed \(seed), q \(q)")
    }
    #expect(histogram.quantile(0) == values.first)
    #expect(histogram.quantile(1) == values.last)
    #expect(histogram.minimum == values.first)
    #expect(histogram.maximum == values.last)
    let mean = values.reduce(0.0) { $0 + Double($1) } / 5_000
    #expect(abs((histogram.mean ?? 0) - mean) <= 1e-12 * mean)
  }

  /// Below 1 024 every value has a bucket of its own.
  @Test(arguments: [1, 2, 7, 40, 500, 3_000]) func intervalsAreThoseOfTheSampleKeptWhole(count: Int) throws {
    var random = SplitMix64(seed: UInt64(count))
    let values = (0..<count).map { _ in UInt64.random(in: 0..<1024, using: &random) }.sorted()
    var histogram = Histogram()
    for value in values { histogram.record(value) }
    for q in [0.5, 0.9, 0.99] {
      #expect(histogram.interval(q) == Quantile.interval(q, ofSorted: values.map { Double($0) }), "q \(q)")
    }
    #expect(Histogram().interval(0.5) == nil && histogram.interval(1) == nil)
  }

  @Test func everyBoundaryFallsInABucketThatHoldsIt() {
    let boundaries = (0..<64).flatMap { bit -> [UInt64] in
      let power = UInt64(1) << UInt64(bit)
      return [power - 1, power, power + 1, power + power / 2]
    }
    for value in boundaries + [.max, .max - 1] {
      var histogram = Histogram()
      histogram.record(value)
      let occupied = histogram.occupied
      #expect(occupied.count == 1 && occupied[0].count == 1 && occupied[0].values.contains(value), "\(value)")
      let width = Double(occupied[0].values.upperBound - occupied[0].values.lowerBound)
      #expect(width / 2 <= 0.001 * Double(max(value, 1)), "\(value)")
    }
  }

  @Test(arguments: [5, 6] as [UInt64])
  func mergingEqualsRecordingTogether(seed: UInt64) {
    let values = Self.values(3_000, seed: seed)
    var whole = Histogram()
    var parts = [Histogram(), Histogram(), Histogram()]
    for (index, value) in values.enumerated() {
      whole.record(value)
      parts[index % 2].record(value)
    }
    var merged = Histogram()
    for part in parts { merged.merge(part) }
    #expect(merged == whole)
  }

  @Test func anEmptyOneHasNoQuantiles() {
    let empty = Histogram()
    #expect(empty.quantile(0.5) == nil && empty.mean == nil && empty.minimum == nil && empty.count == 0)
  }

  @Test func encodingComesBackWhole() throws {
    for values in [[], [0], [.max, 0], Self.values(2_000, seed: 7)] as [[UInt64]] {
      var histogram = Histogram()
      for value in values { histogram.record(value, count: 3) }
      #expect(try Histogram(encoded: histogram.encoded) == histogram)
    }
  }

  @Test func damagedBytesThrowOrDecodeAndNeverTrap() {
    var histogram = Histogram()
    for value in Self.values(50, seed: 8) { histogram.record(value) }
    let bytes = histogram.encoded
    for length in 0..<bytes.count {
      #expect(throws: HistogramEncodingError.self) { try Histogram(encoded: Array(bytes[..<length])) }
    }
    var generator = SplitMix64(seed: 9)
    for _ in 0..<2_000 {
      var damaged = bytes
      damaged[Int.random(in: 0..<bytes.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
      if let decoded = try? Histogram(encoded: damaged) { #expect(decoded.quantile(0.5) != nil) }
    }
  }
}
