import Kernels
import Testing

/// What sampling reads rows for: every implementation against the scalar one.
@Suite struct SamplingKernelTests {
  private struct Weighed {
    var sums: [Float]
    var ids: [Int32]
    var candidates: [Float]
  }

  private func weigh(_ row: ArraySlice<Float>, _ highest: Float, _ floor: Float, _ kernels: SamplingKernels) -> Weighed
  {
    let room = row.count + SamplingKernels.slack
    var result = Weighed(
      sums: Array(repeating: -1, count: row.count / SamplingKernels.block + 1), ids: Array(repeating: -1, count: room),
      candidates: Array(repeating: -1, count: room))
    let count = row.withUnsafeBufferPointer {
      kernels.weigh(
        $0, highest: highest, scale: 1.5, floor: floor, sums: &result.sums, ids: &result.ids,
        candidates: &result.candidates)
    }
    result.ids.removeSubrange(count...)
    result.candidates.removeSubrange(count...)
    return result
  }

  @Test(arguments: SamplingKernels.available) func rowsOfAnySizeAndAlignment(name: String) throws {
    let (kernel, scalar) = (try #require(SamplingKernels.named(name)), try #require(SamplingKernels.named("scalar")))
    for seed in UInt64(0)..<200 {
      var random = SeededRandom(seed: seed)
      let offset = Int.random(in: 0...17, using: &random)
      let count = Int.random(in: 1...1600, using: &random)
      var values = random.floats(offset + count).map { $0 * 20 }
      for _ in 0..<Int(seed % 4) {
        values[Int.random(in: 0..<values.count, using: &random)] = [.nan, -.infinity, 3, -200][Int(seed / 4 % 4)]
      }
      let row = values[offset...]
      var maxima = [[Float]](repeating: Array(repeating: 7, count: count / SamplingKernels.block + 1), count: 2)
      let top = row.withUnsafeBufferPointer { kernel.highest($0, maxima: &maxima[0]) }
      #expect(row.withUnsafeBufferPointer { scalar.highest($0, maxima: &maxima[1]) } == top, "seed \(seed)")
      #expect(maxima[0] == maxima[1], "seed \(seed)")
      guard top.value.isFinite else { continue }
      for floor in [Float(-3), -11.5, -126, .infinity] {
        let got = weigh(row, top.value, floor, kernel)
        let expected = weigh(row, top.value, floor, scalar)
        #expect(got.ids == expected.ids && got.candidates == expected.candidates, "seed \(seed)")
        for (a, b) in zip(got.sums, expected.sums) { #expect(abs(a - b) <= 1e-5 * abs(b) + 1e-35, "seed \(seed)") }
      }
      var got = [Float](repeating: -1, count: count + 1)
      var expected = got
      row.withUnsafeBufferPointer { row in
        kernel.weights(row.baseAddress!, count: count, highest: top.value, scale: 1.5, into: &got)
        scalar.weights(row.baseAddress!, count: count, highest: top.value, scale: 1.5, into: &expected)
      }
      for (a, b) in zip(got, expected) { #expect(abs(a - b) <= 1e-6 * abs(b), "seed \(seed)") }
    }
  }
}
