import Foundation
import Kernels
import Testing

/// Every implementation of the encoder's kernels, held against the scalar one on random sizes.
@Suite struct EncoderKernelTests {
  static let names = EncoderKernels.available.filter { $0 != "scalar" }

  private func both(_ name: String) throws -> (EncoderKernels, EncoderKernels) {
    (try #require(EncoderKernels.named(name)), try #require(EncoderKernels.named("scalar")))
  }

  /// Sizes round the heights of tiles, and strides that are larger than the rows.
  private func size(_ random: inout SeededRandom) -> (m: Int, n: Int, k: Int, padding: Int) {
    let m = Int.random(in: 0...3, using: &random) == 0 ? 0 : Int.random(in: 1...60, using: &random)
    return (
      m, 32 * Int.random(in: 1...4, using: &random), 4 * Int.random(in: 1...40, using: &random),
      4 * Int.random(in: 0...20, using: &random)
    )
  }

  private func epilogue(_ seed: UInt64) -> ProductEpilogue { [.bias, .biasGELU, .biasAdd][Int(seed % 3)] }

  @Test(arguments: names, [ElementType.f32, .bf16]) func products(name: String, type: ElementType) throws {
    let (kernel, scalar) = try both(name)
    for seed in UInt64(0)..<150 {
      var random = SeededRandom(seed: seed)
      let (m, n, k, padding) = size(&random)
      let epilogue = epilogue(seed)
      let weights = random.floats(n * k)
      let stride = k * type.bytes + padding
      var rows = [UInt8](repeating: 0xFF, count: max(m, 1) * stride)
      for row in 0..<m {
        rows.replaceSubrange(row * stride..<row * stride + k * type.bytes, with: type.bytes(random.floats(k)))
      }
      let panels = type.panels(weights, rows: n, columns: k)
      let bias = random.floats(n).map { $0 * 4 }
      let outBytes = epilogue == .biasAdd ? 4 : type.bytes
      let start =
        epilogue == .biasAdd
        ? ElementType.f32.bytes(random.floats(m * n)) : [UInt8](repeating: 7, count: m * n * outBytes)
      func run(_ kernels: EncoderKernels) -> [UInt8] {
        var out = start + [9, 9, 9, 9]
        out.withUnsafeMutableBytes { out in
          rows.withUnsafeBytes { rows in
            var call = EncoderProduct(
              count: m, outputs: n, inputs: k, rows: rows.baseAddress!, rowStride: stride,
              panels: panels, bias: bias, out: out.baseAddress!, outStride: n * outBytes)
            (type == .f32 ? kernels.productF32 : kernels.productBF16)(&call, epilogue)
          }
        }
        return out
      }
      let outType = epilogue == .biasAdd ? .f32 : type
      expectAgreement(run(kernel), run(scalar), outType, magnitude: Float(k + 4), "seed \(seed)")
    }
  }

  @Test(arguments: names) func byteProducts(name: String) throws {
    let (kernel, scalar) = try both(name)
    for seed in UInt64(0)..<150 {
      var random = SeededRandom(seed: seed)
      let (m, n, cells, padding) = size(&random)
      let groups = Int.random(in: 1...4, using: &random)
      let k = cells * groups
      let extreme = seed < 6
      let stride = k + padding
      let rows: [UInt8] = extreme ? Array(repeating: 255, count: m * stride) : random.integers(m * stride, in: 0...255)
      let weights: [Int8] = extreme ? Array(repeating: -128, count: n * k) : random.integers(n * k, in: -128...127)
      let panels = ElementType.packed(weights, rows: n, cells: k / 4)
      let bias = random.floats(n)
      let rowScales = random.floats(m * groups).map { abs($0) / 100 }
      let rowZeros = random.floats(m * groups).map { $0 * 100 + 128 }
      let columnScales = random.floats(groups * n).map { abs($0) / 100 }
      let columnSums = (0..<groups * n).map { place in
        let (g, j) = (place / n, place % n)
        let sum = weights[j * k + g * cells..<j * k + (g + 1) * cells].reduce(0) { $0 + Int($1) }
        return columnScales[place] * Float(sum)
      }
      let epilogue = epilogue(seed)
      let outBytes = epilogue == .biasAdd ? 4 : 2
      func run(_ kernels: EncoderKernels) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: m * n * outBytes + 4)
        out.withUnsafeMutableBytes { out in
          var scales = ByteScales(
            groups: groups, rowScales: rowScales, rowZeros: rowZeros, columnScales: columnScales, columnSums: columnSums
          )
          var call = EncoderProduct(
            count: m, outputs: n, inputs: k, rows: rows, rowStride: stride, panels: panels, bias: bias,
            out: out.baseAddress!, outStride: n * outBytes)
          kernels.productI8(&call, &scales, epilogue)
        }
        return out
      }
      expectAgreement(
        run(kernel), run(scalar), epilogue == .biasAdd ? .f32 : .bf16, magnitude: Float(k), "seed \(seed)")
    }
  }

  @Test func scalarProductsAreTheDefinition() throws {
    let scalar = try #require(EncoderKernels.named("scalar"))
    var random = SeededRandom(seed: 11)
    let (m, n, k) = (3, 64, 8)
    let rows = random.floats(m * k)
    let weights = random.floats(n * k)
    let bias = random.floats(n)
    let panels = ElementType.f32.panels(weights, rows: n, columns: k)
    var out = [Float](repeating: 0, count: m * n)
    out.withUnsafeMutableBytes { out in
      var call = EncoderProduct(
        count: m, outputs: n, inputs: k, rows: rows, rowStride: k * 4, panels: panels, bias: bias,
        out: out.baseAddress!,
        outStride: n * 4)
      scalar.productF32(&call, .biasGELU)
    }
    for i in 0..<m {
      for j in 0..<n {
        let sum = (0..<k).reduce(Double(bias[j])) { $0 + Double(rows[i * k + $1]) * Double(weights[j * k + $1]) }
        let gelu = sum * 0.5 * (1 + erf(sum / 2.0.squareRoot()))
        #expect(abs(Double(out[i * n + j]) - gelu) < 1e-5, "row \(i), column \(j)")
      }
    }
  }

  @Test(arguments: names, [ElementType.f32, .bf16]) func attention(name: String, type: ElementType) throws {
    let (kernel, scalar) = try both(name)
    for seed in UInt64(0)..<80 {
      var random = SeededRandom(seed: seed)
      let length = seed < 3 ? Int(seed) + 1 : Int.random(in: 1...150, using: &random)
      let width = 32 * Int.random(in: 1...3, using: &random)
      let stride = 3 * width * type.bytes + 64
      let size: Float = seed % 5 == 0 ? 6 : 1
      var inputs = [UInt8](repeating: 0xFF, count: length * stride)
      for row in 0..<length {
        let values = random.floats(3 * width).map { $0 * size }
        inputs.replaceSubrange(row * stride..<row * stride + 3 * width * type.bytes, with: type.bytes(values))
      }
      func run(_ kernels: EncoderKernels) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: length * width * type.bytes + 4)
        let scratch = AlignedMemory(bytes: EncoderKernels.attentionScratch(length: length, width: width))
        // What an earlier, longer text leaves behind must not be read.
        scratch.pointer.initializeMemory(as: UInt8.self, repeating: 0xFF, count: scratch.count)
        out.withUnsafeMutableBytes { out in
          inputs.withUnsafeBytes { inputs in
            let base = inputs.baseAddress!
            var call = EncoderAttention(
              length: length, width: width, queries: base, keys: base + width * type.bytes,
              values: base + 2 * width * type.bytes, stride: stride, out: out.baseAddress!,
              outStride: width * type.bytes, scratch: scratch.pointer)
            (type == .f32 ? kernels.attentionF32 : kernels.attentionBF16)(&call)
          }
        }
        return out
      }
      // In bf16 the weights are rounded, too: each by up to 2^-9.
      expectAgreement(run(kernel), run(scalar), type, magnitude: (type == .f32 ? 30 : 600) * size, "seed \(seed)")
    }
  }

  @Test(arguments: names, [ElementType.f32, .bf16]) func layerNorm(name: String, type: ElementType) throws {
    let (kernel, scalar) = try both(name)
    for seed in UInt64(0)..<60 {
      var random = SeededRandom(seed: seed)
      let m = Int.random(in: 0...20, using: &random)
      let width = Int.random(in: 1...400, using: &random)
      let padded = EncoderKernels.padded(width)
      let zeros = [Float](repeating: 0, count: padded - width)
      let weight = random.floats(width) + zeros
      let bias = random.floats(width) + zeros
      let rows = (0..<m).flatMap { _ in random.floats(width).map { $0 + (seed % 4 == 0 ? 3 : 0) } + zeros }
      func run(_ kernels: EncoderKernels) -> (rows: [UInt8], copy: [UInt8]) {
        var rows = rows + [5]
        var copy = [UInt8](repeating: 0, count: m * padded * type.bytes + 4)
        rows.withUnsafeMutableBufferPointer { rows in
          copy.withUnsafeMutableBytes { copy in
            var call = EncoderLayerNorm(
              count: m, width: width, epsilon: 1e-5, weight: weight, bias: bias, rows: rows.baseAddress!,
              rowStride: padded * 4, copy: copy.baseAddress, copyStride: padded * type.bytes)
            (type == .f32 ? kernels.layerNormF32 : kernels.layerNormBF16)(&call)
          }
        }
        return (ElementType.f32.bytes(rows), copy)
      }
      let (got, expected) = (run(kernel), run(scalar))
      expectAgreement(got.rows, expected.rows, .f32, magnitude: 10, "seed \(seed)")
      expectAgreement(got.copy, expected.copy, type, magnitude: 10, "copy, seed \(seed)")
    }
  }

  @Test(arguments: names) func sumsAtBothEnds(name: String) throws {
    let (kernel, scalar) = try both(name)
    var random = SeededRandom(seed: 3)
    for m in [0, 1, 2, 17] {
      let width = 96
      let words = random.floats(10 * width)
      let positions = random.floats(20 * width)
      let ids: [Int32] = random.integers(max(m, 1), in: 0...9)
      func run(_ kernels: EncoderKernels) -> [Float] {
        var out = [Float](repeating: 0, count: (m + 1) * width)
        kernels.embedTokens(words, ids, positions, width, m, &out, width * 4)
        let rows = out
        out.withUnsafeMutableBufferPointer { kernels.sumRows(rows, width * 4, m, width, $0.baseAddress! + m * width) }
        return out
      }
      #expect(zip(run(kernel), run(scalar)).allSatisfy { agree($0, $1, magnitude: Float(m + 2)) }, "m \(m)")
      if m > 1 {
        #expect(run(scalar)[width + 5] == words[Int(ids[1]) * width + 5] + positions[width + 5])
      }
    }
  }

  @Test func panelsHoldCellsOfThirtyTwoRows() {
    let weights = (0..<40 * 6).map { Float($0) }
    let panels = ElementType.f32.panels(weights, rows: 40, columns: 6)
    for row in 0..<64 {
      for column in 0..<6 {
        let value = panels.withUnsafeBytes {
          $0.loadUnaligned(fromByteOffset: ((row / 32 * 6 + column) * 32 + row % 32) * 4, as: Float.self)
        }
        #expect(value == (row < 40 ? weights[row * 6 + column] : 0))
      }
    }
  }

  @Test func roundsToNearestEven() {
    let values: [Float] = [1, 1.00390625, 1.01171875, -2.5, .infinity, 3.0e38, 3.4e38, 0]
    #expect(
      EncoderKernels.roundToBF16(values) == [0x3F80, 0x3F80, 0x3F82, 0xC020, 0x7F80, 0x7F62, 0x7F80, 0])
    #expect(EncoderKernels.roundToBF16([.nan]).allSatisfy { $0 & 0x7F80 == 0x7F80 && $0 & 0x7F != 0 })
  }

  @Test func knowsItsNames() {
    #expect(EncoderKernels.available.last == "scalar")
    for name in EncoderKernels.available { #expect(EncoderKernels.named(name)?.name == name) }
    #expect(EncoderKernels.named("avx51") == nil)
    let wanted = ProcessInfo.processInfo.environment["RAGMETER_KERNELS"] ?? ""
    let expected = EncoderKernels.available.first { $0.hasPrefix(wanted) } ?? EncoderKernels.available.first
    #expect(EncoderKernels.active.name == expected)
  }
}

/// The floating types of rows and weights.
enum ElementType: Sendable {
  case f32, bf16

  var bytes: Int { self == .f32 ? 4 : 2 }

  func bytes(_ values: [Float]) -> [UInt8] {
    switch self {
    case .f32: values.withUnsafeBytes { Array($0) }
    case .bf16: EncoderKernels.roundToBF16(values).withUnsafeBytes { Array($0) }
    }
  }

  func floats(_ bytes: [UInt8]) -> [Float] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / self.bytes).map {
        switch self {
        case .f32: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)
        case .bf16: Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)) << 16)
        }
      }
    }
  }

  func panels(_ weights: [Float], rows: Int, columns: Int) -> [UInt8] {
    Self.packed(bytes(weights), rows: rows, cells: columns * bytes / 4)
  }

  static func packed<T>(_ weights: [T], rows: Int, cells: Int) -> [UInt8] {
    var panels = [UInt8](repeating: 0, count: EncoderKernels.padded(rows) * cells * 4)
    weights.withUnsafeBytes { weights in
      panels.withUnsafeMutableBytes {
        EncoderKernels.pack(weights.baseAddress!, rows: rows, cells: cells, into: $0.baseAddress!)
      }
    }
    return panels
  }
}

/// Floats within rounding of `magnitude`; bf16 within one unit in its last place besides.
private func expectAgreement(
  _ got: [UInt8], _ expected: [UInt8], _ type: ElementType, magnitude: Float, _ comment: Comment,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let pairs = zip(type.floats(got), type.floats(expected))
  let wrong = pairs.enumerated().first { _, pair in
    let unit = type == .bf16 ? max(abs(pair.1) / 64, 1e-4) : 0
    return !(abs(pair.0 - pair.1) <= 4e-6 * magnitude + unit)
  }
  #expect(wrong == nil, comment, sourceLocation: sourceLocation)
}
