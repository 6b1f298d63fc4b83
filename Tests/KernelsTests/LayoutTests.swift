import Kernels
import Testing

@Suite struct LayoutTests {
  @Test(arguments: [CodeLayout.bits8, .bits4]) func rowsRoundTripAndPadWithTheCentre(layout: CodeLayout) {
    for dimension in [0, 1, 3, 63, 64, 65, 127, 128, 129, 200, 384, 1100] {
      var random = SeededRandom(seed: UInt64(dimension))
      let codes = random.integers(dimension, in: UInt8(0)...(layout == .bits8 ? 255 : 15))
      let padded = layout.paddedDimension(dimension)
      var row = [UInt8](repeating: 0xEE, count: layout.rowBytes(dimension) + 1)
      layout.pack(codes, dimension: dimension, into: &row)
      #expect(row.last == 0xEE)
      var back = [UInt8](repeating: 0, count: padded)
      layout.unpack(row, dimension: padded, into: &back)
      #expect(back == codes + [UInt8](repeating: layout.zero, count: padded - dimension), "dimension \(dimension)")
    }
  }

  @Test func fourBitRowMatchesTheStatedLayout() {
    var random = SeededRandom(seed: 1)
    let codes = random.integers(128, in: UInt8(0)...15)
    var row = [UInt8](repeating: 0, count: 64)
    CodeLayout.bits4.pack(codes, dimension: 128, into: &row)
    for j in 0..<64 { #expect(row[j] == codes[j] | codes[64 + j] << 4) }
  }

  @Test(arguments: [CodeLayout.bits8, .bits4]) func panelsRoundTripRowByRow(layout: CodeLayout) {
    for (rows, dimension) in [(1, 1), (31, 5), (32, 8), (33, 9), (70, 130), (3, 0)] {
      var random = SeededRandom(seed: UInt64(rows))
      let codes = (0..<rows).map { _ in
        random.integers(dimension, in: UInt8(0)...(layout == .bits8 ? 255 : 15))
      }
      var panels = [UInt8](repeating: 0, count: layout.panelBytes(rows: rows, dimension: dimension) + 1)
      for row in (0..<rows).shuffled(using: &random) {
        layout.store(codes[row], dimension: dimension, row: row, in: &panels)
      }
      #expect(panels.last == 0)
      for row in 0..<rows {
        var back = [UInt8](repeating: 0, count: dimension)
        layout.load(panels, dimension: dimension, row: row, into: &back)
        #expect(back == codes[row], "row \(row) of \(rows), dimension \(dimension)")
      }
    }
  }

  @Test func codePanelsMatchTheStatedLayout() {
    let codes = (0..<16).map { UInt8($0) }
    var wide = [UInt8](repeating: 0, count: 32 * 16)
    CodeLayout.bits8.store(codes, dimension: 16, row: 5, in: &wide)
    for j in 0..<16 { #expect(wide[j / 4 * 128 + 5 * 4 + j % 4] == codes[j]) }
    var narrow = [UInt8](repeating: 0, count: 32 * 8)
    CodeLayout.bits4.store(codes, dimension: 16, row: 5, in: &narrow)
    for j in 0..<8 {
      let dimension = j / 4 * 8 + j % 4
      #expect(narrow[j / 4 * 128 + 5 * 4 + j % 4] == codes[dimension] | codes[dimension + 4] << 4)
    }
  }

  @Test func floatPanelsRoundTripAndZeroTheRest() {
    for (rows, dimension, stride) in [(1, 1, 1), (32, 7, 9), (45, 33, 33), (64, 2, 5), (0, 4, 4), (5, 0, 0)] {
      var random = SeededRandom(seed: UInt64(rows))
      let vectors = random.floats(rows * stride)
      let size = Panels.floatCount(rows: rows, dimension: dimension)
      var packed = [Float](repeating: 9, count: size)
      Panels.pack(vectors, rows: rows, stride: stride, dimension: dimension, into: &packed)
      var grown = [Float](repeating: 0, count: size)
      for row in 0..<rows {
        vectors.withUnsafeBufferPointer {
          guard let base = $0.baseAddress else { return }
          Panels.store(base + row * stride, dimension: dimension, row: row, in: &grown)
        }
        var back = [Float](repeating: 0, count: dimension)
        Panels.load(packed, dimension: dimension, row: row, into: &back)
        #expect(back == Array(vectors[row * stride..<row * stride + dimension]))
      }
      #expect(packed == grown)
    }
  }
}
