import Foundation
import RunStore
import Statistics
import Testing

struct SamplesTests {
  static func series(_ generator: inout SplitMix64) -> Samples {
    let count = [0, 1, 2, 127, 128, 129, 1_000].randomElement(using: &generator) ?? 0
    let magnitude = UInt64.random(in: 0...63, using: &generator)
    func word() -> UInt64 { generator.next() >> magnitude }
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: return .uint64((0..<count).map { _ in word() })
    case 1: return .int64((0..<count).map { _ in Int64(bitPattern: word()) })
    case 2: return .float((0..<count).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: word())) })
    case 3: return .double((0..<count).map { _ in Double(Int64.random(in: -9...9, using: &generator)) / 7 })
    case 4: return .float((0..<count).map { _ in Float(Int.random(in: 0...10, using: &generator)) / 10 })
    default: return .uint64([UInt64](repeating: word(), count: count))
    }
  }

  /// Floats by their bits, for NaN is unequal to itself.
  static func bits(_ samples: Samples) -> [UInt64] {
    switch samples {
    case .uint64(let values): values
    case .int64(let values): values.map { UInt64(bitPattern: $0) }
    case .float(let values): values.map { UInt64($0.bitPattern) }
    case .double(let values): values.map(\.bitPattern)
    }
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func everySeriesComesBackBitForBit(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let samples = Self.series(&generator)
    let decoded = try #require(Samples(compressed: samples.compressed), "seed \(seed)")
    #expect(Self.bits(decoded) == Self.bits(samples), "seed \(seed)")
    #expect(decoded.count == samples.count, "seed \(seed)")
  }

  @Test func extremesComeBack() throws {
    for samples in [
      Samples.uint64([.min, .max]), .int64([.min, -1, 0, 1, .max]),
      .float([0, -0.0, .infinity, -.greatestFiniteMagnitude]),
      .double([.leastNonzeroMagnitude, -.infinity]), .uint64((0..<300).map { UInt64.max - $0 * 1_000_003 }),
    ] {
      #expect(Samples(compressed: samples.compressed) == samples)
    }
  }

  @Test func whatABenchmarkMeasuresIsSmall() {
    var generator = SplitMix64(seed: 3)
    let latencies = (0..<10_000).map { _ in UInt64.random(in: 10_000...14_000, using: &generator) }
    #expect(Samples.uint64(latencies).compressed.count < 2 * 10_000)
    let recalls = (0..<10_000).map { _ in Float(Int.random(in: 0...10, using: &generator)) / 10 }
    #expect(Samples.float(recalls).compressed.count < 10_000)
  }

  @Test func anyFlippedByteAndAnyCutIsNoticed() {
    var generator = SplitMix64(seed: 4)
    for samples in [Samples.uint64((0..<200).map { $0 * $0 }), .float([1, 0.9, 1, 0.8])] {
      let bytes = samples.compressed
      for index in bytes.indices {
        var damaged = bytes
        damaged[index] ^= UInt8.random(in: 1...255, using: &generator)
        #expect(Samples(compressed: damaged) == nil)
        #expect(Samples(compressed: Array(bytes[..<index])) == nil)
      }
    }
  }

  /// A checksum keeps accidents out, not bytes that were made to pass it: those may be refused but must not trap.
  @Test func damageUnderAFittingChecksumNeverTraps() {
    var generator = SplitMix64(seed: 5)
    for round in 0..<3_000 {
      var damaged = Array(Self.series(&generator).compressed.dropLast(8))
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        damaged[Int.random(in: 0..<min(damaged.count, 40), using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      let decoded = Samples(compressed: Samples.sealed(damaged))
      #expect(decoded.map { $0.count >= 0 } ?? true, "round \(round)")
    }
  }
}
