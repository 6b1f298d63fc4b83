import JSON
import Testing

@Suite struct JSONVectorTests {
  private func written(_ numbers: [Float]) -> String {
    var bytes: [UInt8] = []
    JSONText.append(vector: numbers[...], to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func numbersAreShortWhereSevenDigitsAreEnough() {
    #expect(written([]) == "[]")
    #expect(written([0, 1, -1, 0.5, 100, 0.1, -0.3]) == "[0,1,-1,0.5,100,0.1,-0.3]")
    #expect(written([0.0001, 1e-05, 123_456.7, 1e6, 0.99999994]) == "[0.0001,1e-05,123456.7,1000000.0,0.99999994]")
    #expect(written([.greatestFiniteMagnitude, -.leastNonzeroMagnitude]) == "[3.4028235e+38,-1e-45]")
  }

  /// Every number that JSON can hold, of all magnitudes and of those that embeddings have.
  @Test(arguments: [UInt64(1), 2, 3]) func numbersReadBackAsTheSame(seed: UInt64) throws {
    var state = seed
    var numbers: [Float] = []
    while numbers.count < 40_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let any = Float(bitPattern: UInt32(truncatingIfNeeded: state >> 32))
      if any.isFinite { numbers.append(any) }
      numbers.append((Float(state >> 40) / Float(1 << 24) - 0.5) * (state & 1 == 0 ? 2 : 0.01))
    }
    let read = try JSONValue.parse(written(numbers)).array ?? []
    #expect(read.count == numbers.count, "seed \(seed)")
    for (value, number) in zip(read, numbers) where value.number.map({ Float($0) }) != number {
      Issue.record("seed \(seed): \(number) was read back as \(value)")
    }
  }
}
