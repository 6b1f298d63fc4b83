import Kernels
import Testing
import VectorIndexes

/// Reproducible draws for tests: SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Roughly normal, mean 0 and variance 1.
  mutating func normal() -> Float {
    (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &self) }
  }

  mutating func normals(_ count: Int) -> [Float] { (0..<count).map { _ in normal() } }
}

@Suite struct ScalarQuantizerTests {
  static let cases: [(CodeLayout, DistanceMetric, Int)] = [
    (.bits8, .l2, 1), (.bits8, .l2, 100), (.bits8, .ip, 64), (.bits4, .l2, 3), (.bits4, .l2, 784), (.bits4, .ip, 384),
  ]

  @Test(arguments: cases) func boundHoldsAndEstimateIsClose(
    layout: CodeLayout, metric: DistanceMetric, dimension: Int
  ) {
    let seed: UInt64 = 7
    var random = SeededGenerator(seed: seed)
    let rows = (0..<40).map { _ in random.normals(dimension).map { $0 + 3 } }
    let mean = ScalarQuantizer.mean(of: rows.flatMap { $0 }, count: rows.count, dimension: dimension)
    let quantizer = ScalarQuantizer(layout: layout, metric: metric, mean: mean, scaleRule: .leastSquares)
    for query in rows.prefix(8) {
      var q8 = [Int8](repeating: 1, count: quantizer.paddedDimension)
      let code = quantizer.encode(query: query, into: &q8)
      for row in rows {
        var codes = [UInt8](repeating: 0, count: quantizer.paddedDimension)
        let terms = quantizer.encode(row, bytes: &codes)
        let raw = zip(q8, codes).reduce(Int32(0)) { $0 + Int32($1.0) * Int32($1.1) }
        let estimate =
          Double(code.constant) + Double(terms.bias)
          + Double(terms.scale) * Double(code.weight) * Double(raw - code.offset)
        let truth = zip(query, row).reduce(0.0) {
          let (a, b) = (Double($1.0), Double($1.1))
          return $0 + (metric == .l2 ? (a - b) * (a - b) : -a * b)
        }
        let factor = metric == .l2 ? 2.0 : 1.0
        let bound =
          factor * (Double(code.norm) * Double(terms.error) + Double(code.error) * Double(terms.codeNorm)) + 1e-4
        #expect(abs(estimate - truth) <= bound, "seed \(seed)")
      }
    }
  }

  @Test func packedLayoutsHoldTheSameCodes() {
    var random = SeededGenerator(seed: 11)
    for layout in [CodeLayout.bits4, .bits8] {
      for dimension in [1, 7, 64, 130] {
        let x = random.normals(dimension)
        let quantizer = ScalarQuantizer(layout: layout, metric: .l2, mean: [Float](repeating: 0, count: dimension))
        var bytes = [UInt8](repeating: 0, count: dimension)
        let terms = quantizer.encode(x, bytes: &bytes)
        var scratch = bytes
        var rowMajor = [UInt8](repeating: 0xFF, count: quantizer.rowBytes)
        #expect(quantizer.encode(x, into: &rowMajor, scratch: &scratch) == terms)
        var panels = [UInt8](repeating: 0, count: 2 * quantizer.panelBytes)
        #expect(quantizer.encode(x, row: 37, in: &panels, scratch: &scratch) == terms)
        layout.unpack(rowMajor, dimension: dimension, into: &scratch)
        #expect(scratch == bytes)
        layout.load(panels, dimension: dimension, row: 37, into: &scratch)
        #expect(scratch == bytes)
      }
    }
  }

  @Test func extremeValuesGiveFiniteScoresAndHonestBounds() {
    for value: Float in [0, 0x1p-149, 1e-30, 1e30, .greatestFiniteMagnitude] {
      for layout in [CodeLayout.bits4, .bits8] {
        let quantizer = ScalarQuantizer(layout: layout, metric: .l2, mean: [0, 0, 0])
        var codes = [UInt8](repeating: 0, count: quantizer.paddedDimension)
        let terms = quantizer.encode([value, -value, value / 2], bytes: &codes)
        #expect(terms.scale.isFinite && terms.bias.isFinite && terms.error >= 0)
        var q8 = [Int8](repeating: 0, count: quantizer.paddedDimension)
        let query = quantizer.encode(query: [value, value, value], into: &q8)
        let raw = zip(q8, codes).reduce(Int32(0)) { $0 + Int32($1.0) * Int32($1.1) }
        #expect(!(terms.bias + terms.scale * query.weight * Float(raw - query.offset)).isNaN)
      }
    }
  }
}
