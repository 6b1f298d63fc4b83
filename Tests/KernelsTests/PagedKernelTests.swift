import Foundation
import Kernels
import Testing

/// What a decoder does between its linear layers: every implementation against the scalar one, and attention against the
/// definition of a softmax in double precision.
@Suite struct PagedKernelTests {
  static let names = PagedKernels.available

  /// Blocks of random keys and values in no order, and queries: one head of one layer.
  private struct Case {
    let width: Int
    let blockSize: Int
    let tokens: Int
    let table: [Int32]
    /// Blocks lie apart, as they do where there are other layers.
    let blockBytes: Int
    let cache: AlignedMemory
    let keys: [[Float]]
    let values: [[Float]]

    init(tokens: Int, random: inout SeededRandom) {
      self.tokens = tokens
      let width = [16, 32, 64, 80, 96, 128, 256].randomElement(using: &random) ?? 64
      let blockSize = [8, 16, 16, 16, 32, 48, 128].randomElement(using: &random) ?? 16
      let count = (tokens + blockSize - 1) / blockSize
      let unit = PagedKernels.unit(blockSize: blockSize)
      let unitBytes = PagedKernels.unitBytes(unit: unit, width: width)
      self.width = width
      self.blockSize = blockSize
      table = Array((0..<Int32(count + 3)).shuffled(using: &random).prefix(count))
      blockBytes = blockSize / unit * unitBytes + 192
      cache = AlignedMemory(bytes: (count + 3) * blockBytes)
      let elements = cache.pointer.assumingMemoryBound(to: UInt16.self)
      // What an earlier owner of the blocks left must not matter.
      for index in 0..<cache.count / 2 {
        elements[index] = EncoderKernels.roundToBF16([Float.random(in: -50...50, using: &random)])[0]
      }
      keys = (0..<tokens).map { _ in Self.rounded(random.floats(width)) }
      values = (0..<tokens).map { _ in Self.rounded(random.floats(width)) }
      for token in 0..<tokens {
        let place = token % blockSize
        let start = elements + (Int(table[token / blockSize]) * blockBytes + place / unit * unitBytes) / 2
        let within = place % unit
        for j in 0..<width {
          start[2 * (j / 2 * unit + within) + j % 2] = UInt16(keys[token][j].bitPattern >> 16)
          start[unit * width + 2 * (within / 2 * width + j) + within % 2] = UInt16(values[token][j].bitPattern >> 16)
        }
      }
    }

    static func rounded(_ values: [Float]) -> [Float] {
      EncoderKernels.roundToBF16(values).map { Float(bitPattern: UInt32($0) << 16) }
    }

    func heads() -> PagedHeads {
      PagedHeads(units: cache.pointer, blockBytes: blockBytes, blockSize: blockSize, width: width)
    }

    /// Rows of queries from `position` on, in calls that end where `cuts` say.
    func attend(_ kernels: PagedKernels, _ queries: [Float], position: Int, group: Int, cuts: [Int]) -> [Float] {
      let rows = queries.count / width
      let floats = PagedKernels.stateFloats(width: width)
      let (states, totals) = (AlignedMemory(bytes: 4 * rows * floats), AlignedMemory(bytes: 4 * rows * floats))
      kernels.clear(states.floats, rows, width)
      kernels.clear(totals.floats, rows, width)
      let words = AlignedMemory(copying: EncoderKernels.roundToBF16(queries))
      let blocks = AlignedMemory(copying: table)
      var first = 0
      for end in cuts + [position + rows / group] {
        var call = PagedAttention(
          heads: heads(), table: blocks.values(), tokens: first..<end, queries: words.values(), rows: rows,
          position: position, group: group, states: states.floats, totals: totals.floats)
        kernels.attend(&call)
        first = end
      }
      kernels.merge(totals.floats, states.floats, rows, width)
      let stride = group * width + 5
      var out = [Float](repeating: 7, count: rows / group * stride)
      kernels.finish(totals.floats, rows, width, group, &out, stride)
      return (0..<rows).flatMap { row in
        let start = row / group * stride + row % group * width
        return out[start..<start + width]
      }
    }

    func expected(_ query: ArraySlice<Float>, sees count: Int) -> [Double] {
      let scores = keys[..<count].map { key in
        var sum = 0.0
        for (a, b) in zip(query, key) { sum += Double(a) * Double(b) }
        return sum
      }
      let highest = scores.max() ?? 0
      let weights = scores.map { exp2($0 - highest) }
      let whole = weights.reduce(0, +)
      return (0..<width).map { j in
        var sum = 0.0
        for (weight, value) in zip(weights, values) { sum += weight * Double(value[j]) }
        return sum / whole
      }
    }
  }

  @Test(arguments: names) func attentionIsASoftmaxHoweverItIsCut(name: String) throws {
    let kernels = try #require(PagedKernels.named(name))
    for seed in UInt64(0)..<60 {
      var random = SeededRandom(seed: seed)
      let group = Int.random(in: 1...9, using: &random)
      let count = Int.random(in: 1...(seed % 3 == 0 ? 1 : 12), using: &random)
      let tokens = count + Int.random(in: 0...(seed % 4 == 0 ? 700 : 90), using: &random)
      let item = Case(tokens: tokens, random: &random)
      let position = tokens - count
      let sharpness = 4 / Float(item.width).squareRoot()
      let queries = Case.rounded(random.floats(count * group * item.width).map { $0 * sharpness })
      let whole = item.attend(kernels, queries, position: position, group: group, cuts: [])
      for row in 0..<count * group {
        let expected = item.expected(
          queries[row * item.width..<(row + 1) * item.width], sees: position + row / group + 1)
        let got = whole[row * item.width..<(row + 1) * item.width]
        let worst = zip(got, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        // Weights are rounded to bf16.
        #expect(worst < 6e-3, "seed \(seed), row \(row)")
      }
      // Calls that end between any two spans, and rows one by one, give the same bits.
      let cuts = stride(from: PagedKernels.span, through: position, by: PagedKernels.span)
        .filter { _ in Bool.random(using: &random) }
      #expect(item.attend(kernels, queries, position: position, group: group, cuts: cuts) == whole, "seed \(seed)")
      let size = group * item.width
      let single = (0..<count).flatMap { row in
        item.attend(
          kernels, Array(queries[row * size..<(row + 1) * size]), position: position + row, group: group, cuts: [])
      }
      #expect(single == whole, "seed \(seed)")
    }
  }

  @Test(arguments: names.filter { $0 != "scalar" }) func storesAsTheScalarOneDoes(name: String) throws {
    let (kernels, scalar) = (try #require(PagedKernels.named(name)), try #require(PagedKernels.named("scalar")))
    for seed in UInt64(0)..<60 {
      var random = SeededRandom(seed: seed)
      let width = [16, 32, 64, 80, 96, 128, 256].randomElement(using: &random) ?? 64
      let (heads, group) = (Int.random(in: 1...3, using: &random), Int.random(in: 1...4, using: &random))
      let unit = Bool.random(using: &random) ? 16 : 8
      let count = Int.random(in: 1...20, using: &random)
      let unitBytes = PagedKernels.unitBytes(unit: unit, width: width)
      let stride = (group + 2) * heads * width + 3
      let rows = AlignedMemory(copying: random.floats(count * stride))
      let angles = random.floats(count * width / 2)
      let (cosines, sines) = (AlignedMemory(copying: angles.map(cos)), AlignedMemory(copying: angles.map(sin)))
      let slots = Array(0..<3 * unit).shuffled(using: &random).prefix(count)
      let units = AlignedMemory(copying: slots.map { $0 / unit * heads * unitBytes })
      let places = AlignedMemory(copying: slots.map { UInt8($0 % unit) })
      let halves = Bool.random(using: &random)
      func run(_ kernels: PagedKernels) -> [Float] {
        let queries = AlignedMemory(bytes: 2 * heads * (count + 1) * group * width)
        let cache = AlignedMemory(bytes: 3 * heads * unitBytes)
        var call = PagedStore(
          rows: rows.values(), stride: stride, count: count, heads: heads, group: group, width: width, halves: halves,
          scale: 1.5, cosines: cosines.values(), sines: sines.values(), queries: queries.values(),
          queryRows: (count + 1) * group, cache: cache.pointer, headBytes: unitBytes, units: units.values(),
          places: places.values(), unit: unit)
        kernels.store(&call)
        return [queries, cache].flatMap { memory in
          UnsafeBufferPointer<UInt16>(start: memory.values(), count: memory.count / 2)
            .map { Float(bitPattern: UInt32($0) << 16) }
        }
      }
      // One unit of bf16, where a product is fused in one and not in the other.
      let difference = zip(run(kernels), run(scalar)).reduce(0) { max($0, abs($1.0 - $1.1) / max(abs($1.1), 0.01)) }
      #expect(difference < 0.01, "seed \(seed)")
    }
  }

  @Test(arguments: names) func normalisesRows(name: String) throws {
    let kernels = try #require(PagedKernels.named(name))
    for seed in UInt64(0)..<40 {
      var random = SeededRandom(seed: seed)
      let width = 32 * Int.random(in: 1...40, using: &random)
      let (row, weight) = (random.floats(width), random.floats(width))
      var out = [Float](repeating: 0, count: width)
      kernels.rmsNorm(row, weight, width, 1e-5, &out)
      let squares = row.reduce(0.0) { $0 + Double($1) * Double($1) }
      let scale = 1 / (squares / Double(width) + 1e-5).squareRoot()
      for j in 0..<width { #expect(abs(Double(out[j]) - Double(row[j]) * scale * Double(weight[j])) < 1e-5) }
    }
  }
}

extension AlignedMemory {
  fileprivate convenience init<Element>(copying values: [Element]) {
    self.init(bytes: values.count * MemoryLayout<Element>.stride)
    values.withUnsafeBytes { if let base = $0.baseAddress { pointer.copyMemory(from: base, byteCount: $0.count) } }
  }

  fileprivate func values<Element>() -> UnsafeMutablePointer<Element> {
    pointer.assumingMemoryBound(to: Element.self)
  }

  fileprivate func values<Element>() -> UnsafePointer<Element> {
    UnsafePointer(pointer.assumingMemoryBound(to: Element.self))
  }
}
