import CKernels
import Foundation
import Kernels
import Testing

/// Linear layers of a decoder: every implementation against products in double precision.
@Suite struct DecoderKernelTests {
  /// Inputs as a product reads them, and their values in double precision.
  private struct Inputs {
    var memory: AlignedMemory
    var stride: Int
    var values: [Double]

    /// Rows that begin at odd multiples of the least alignment, with gaps between them.
    init(tokens: Int, columns: Int, floats: Bool, random: inout SeededRandom, kernels: DecoderKernels) {
      let rows = random.floats(tokens * columns).map { $0 * $0 * $0 * 9 }
      stride = floats ? columns * 4 + 12 : InputBlock.rowBytes(columns: columns) + 16
      memory = AlignedMemory(bytes: tokens * stride + 4)
      values = []
      for token in 0..<tokens {
        let row = Array(rows[token * columns..<(token + 1) * columns])
        let start = memory.pointer + token * stride
        if floats {
          row.withUnsafeBytes { start.copyMemory(from: $0.baseAddress!, byteCount: columns * 4) }
          values += row.map(Double.init)
        } else {
          let blocks = start.bindMemory(to: InputBlock.self, capacity: columns / 32)
          kernels.quantizeRow(row, columns, blocks)
          values += DecoderKernelTests.values(blocks, columns: columns)
        }
      }
    }
  }

  private static func values(_ blocks: UnsafePointer<InputBlock>, columns: Int) -> [Double] {
    (0..<columns / 32).flatMap { block in
      withUnsafeBytes(of: blocks[block].values) { bytes in
        bytes.map { Double(blocks[block].scale) * Double(Int8(bitPattern: $0)) }
      }
    }
  }

  /// A product in double precision, and how far float32 sums and rounded scales may be from it.
  private func expected(
    _ blocks: GGMLBlocks, order: [Int]?, bias: [Float]?, inputs: [Double], tokens: Int
  ) -> (values: [Double], bounds: [Double]) {
    let (weights, columns) = (blocks.weights(), blocks.columns)
    var values: [Double] = []
    var bounds: [Double] = []
    for token in 0..<tokens {
      for row in 0..<blocks.rows {
        let source = order?[row] ?? row
        var (sum, magnitude) = (Double(bias?[row] ?? 0), 0.0)
        for k in 0..<columns {
          let weight = weights[source * columns + k]
          let x = inputs[token * columns + k]
          sum += (weight.product + weight.minimum) * x
          magnitude += (abs(weight.product) + abs(weight.minimum)) * abs(x)
        }
        values.append(sum)
        bounds.append(magnitude * (4e-6 + blocks.scaleRounding) + abs(sum) * 1e-6 + 1e-6)
      }
    }
    return (values, bounds)
  }

  /// Runs a product in pieces of tiles, as threads do; `margin` floats behind each row must stay as they are.
  private func run(
    _ matrix: PackedMatrix, _ kernels: DecoderKernels, inputs: Inputs, tokens: Int, output: LinearOutput,
    initial: Float, threads: Int
  ) -> [Float] {
    let (layer, stride) = (LinearLayer(matrix), matrix.rows + 3)
    var rows = [Float](repeating: initial, count: tokens * stride + 1)
    rows.withUnsafeMutableBufferPointer { rows in
      for thread in 0..<threads {
        var product = layer.product(
          tiles: layer.tiles(of: thread, threads: threads), tokens: tokens, input: inputs.memory.pointer,
          inputStride: inputs.stride, output: rows.baseAddress!, outputStride: stride * 4,
          next: thread % 2 == 0 ? nil : layer.address(ofTile: 0))
        kernels.multiply(&product, output)
      }
    }
    for token in 0..<tokens {
      #expect(rows[token * stride + matrix.rows..<(token + 1) * stride].allSatisfy { $0 == initial })
    }
    return (0..<tokens).flatMap { Array(rows[$0 * stride..<$0 * stride + matrix.rows]) }
  }

  private struct Case: CustomTestStringConvertible {
    let name: String
    let format: WeightFormat
    var testDescription: String { "\(name) \(format.rawValue)" }
  }

  private static let cases = DecoderKernels.available.flatMap { name in
    WeightFormat.allCases.map { Case(name: name, format: $0) }
  }

  @Test(arguments: cases) private func products(of one: Case) throws {
    let kernels = try #require(DecoderKernels.named(one.name))
    for seed in UInt64(0)..<15 {
      var random = SeededRandom(seed: seed)
      let tokens = Int(seed)
      let rows = Int.random(in: 1...100, using: &random)
      let unit = one.format.isFloatingPoint ? 7 : one.format.blockValues
      let columns = unit * Int.random(in: 1...(unit == 256 ? 2 : 5), using: &random)
      let blocks = GGMLBlocks(one.format, rows: rows, columns: columns, random: &random)
      let order = seed % 3 == 0 ? Array((0..<rows).shuffled(using: &random)) : nil
      let bias = seed % 2 == 0 ? random.floats(rows) : nil
      let matrix = try blocks.withRows(order: order, bias: bias) { try PackedMatrix($0) }
      let inputs = Inputs(
        tokens: tokens, columns: columns, floats: matrix.readsFloats, random: &random, kernels: kernels)
      let (values, bounds) = expected(blocks, order: order, bias: bias, inputs: inputs.values, tokens: tokens)
      let adds = seed % 5 > 2
      let got = run(
        matrix, kernels, inputs: inputs, tokens: tokens, output: adds ? .add : .store, initial: 2,
        threads: Int(seed % 4) + 1)
      for (index, value) in values.enumerated() {
        #expect(
          abs(Double(got[index]) - value - (adds ? 2 : 0)) <= bounds[index],
          "seed \(seed), token \(index / rows), row \(index % rows)")
      }
    }
  }

  /// Three formats, one behind the other, none of a whole number of tiles.
  @Test(arguments: DecoderKernels.available) func stackedMatrices(name: String) throws {
    let kernels = try #require(DecoderKernels.named(name))
    var random = SeededRandom(seed: 4)
    let (tokens, columns) = (7, 256)
    let blocks = [(WeightFormat.q4K, 70), (.q80, 33), (.q6K, 5)].map {
      GGMLBlocks($0.0, rows: $0.1, columns: columns, random: &random)
    }
    let bias = random.floats(33)
    let matrix = try blocks[0].withRows { first in
      try blocks[1].withRows(bias: bias) { second in
        try blocks[2].withRows { try PackedMatrix(first, second, $0) }
      }
    }
    #expect(matrix.rows == 108)
    let inputs = Inputs(tokens: tokens, columns: columns, floats: false, random: &random, kernels: kernels)
    let got = run(matrix, kernels, inputs: inputs, tokens: tokens, output: .store, initial: 0, threads: 3)
    var first = 0
    for (index, part) in blocks.enumerated() {
      let (values, bounds) = expected(
        part, order: nil, bias: index == 1 ? bias : nil, inputs: inputs.values, tokens: tokens)
      for token in 0..<tokens {
        for row in 0..<part.rows {
          let error = abs(Double(got[token * 108 + first + row]) - values[token * part.rows + row])
          #expect(error <= bounds[token * part.rows + row], "part \(index), token \(token), row \(row)")
        }
      }
      first += part.rows
    }
  }

  @Test(arguments: DecoderKernels.available) func gateAndUp(name: String) throws {
    let kernels = try #require(DecoderKernels.named(name))
    let formats: [(WeightFormat, WeightFormat)] = [(.q41, .q41), (.q40, .q80), (.f16, .f32)]
    for (seed, formats) in formats.enumerated() {
      var random = SeededRandom(seed: UInt64(seed))
      let (tokens, columns, rows) = (8, 96, 64)
      let gate = GGMLBlocks(formats.0, rows: rows, columns: columns, random: &random)
      let up = GGMLBlocks(formats.1, rows: rows, columns: columns, random: &random)
      let matrix = try gate.withRows { gate in try up.withRows { try PackedMatrix(gate: gate, up: $0) } }
      let inputs = Inputs(
        tokens: tokens, columns: columns, floats: matrix.readsFloats, random: &random, kernels: kernels)
      let gates = expected(gate, order: nil, bias: nil, inputs: inputs.values, tokens: tokens).values
      let ups = expected(up, order: nil, bias: nil, inputs: inputs.values, tokens: tokens).values
      let floats = run(
        matrix, kernels, inputs: inputs, tokens: tokens, output: .swiGLUFloats, initial: 0, threads: 2)
      let blockBytes = InputBlock.rowBytes(columns: rows)
      let (layer, bytes) = (LinearLayer(matrix), AlignedMemory(bytes: tokens * blockBytes))
      for thread in 0..<2 {
        var product = layer.product(
          tiles: layer.tiles(of: thread, threads: 2), tokens: tokens, input: inputs.memory.pointer,
          inputStride: inputs.stride, output: bytes.pointer, outputStride: blockBytes, next: nil)
        kernels.multiply(&product, .swiGLUBlocks)
      }
      for token in 0..<tokens {
        let row = (bytes.pointer + token * blockBytes).assumingMemoryBound(to: InputBlock.self)
        let values = Self.values(row, columns: rows)
        for j in 0..<rows {
          let (g, u) = (gates[token * rows + j], ups[token * rows + j])
          let exact = g / (1 + exp(-g)) * u
          #expect(
            abs(Double(floats[token * rows + j]) - exact) <= 1e-5 * (1 + abs(g) * (1 + abs(u)) + abs(u)), "\(seed)")
          #expect(abs(values[j] - Double(floats[token * rows + j])) <= Double(row[j / 32].scale) * 0.501, "\(seed)")
        }
      }
    }
  }

  @Test(arguments: DecoderKernels.available) func quantizedRows(name: String) throws {
    let (kernels, scalar) = (try #require(DecoderKernels.named(name)), try #require(DecoderKernels.named("scalar")))
    for seed in UInt64(0)..<100 {
      var random = SeededRandom(seed: seed)
      let columns = 32 * Int.random(in: 1...9, using: &random)
      var row = random.floats(columns).map { $0 * Float(seed) }
      if seed < 4 { row = Array(repeating: [0, 1, -1e-37, 3e38][Int(seed)], count: columns) }
      func blocks(_ kernels: DecoderKernels) -> [InputBlock] {
        [InputBlock](unsafeUninitializedCapacity: columns / 32) { out, count in
          kernels.quantizeRow(row, columns, out.baseAddress!)
          count = columns / 32
        }
      }
      let (got, expected) = (blocks(kernels), blocks(scalar))
      let same = got.withUnsafeBytes { got in expected.withUnsafeBytes { got.elementsEqual($0) } }
      #expect(same, "seed \(seed)")
      let values = got.withUnsafeBufferPointer { Self.values($0.baseAddress!, columns: columns) }
      for k in 0..<columns {
        #expect(abs(values[k] - Double(row[k])) <= Double(got[k / 32].scale) * 0.50001 + 1e-35, "seed \(seed)")
      }
      for block in 0..<columns / 32 {
        let bytes = withUnsafeBytes(of: got[block].values) { $0.map { Int32(Int8(bitPattern: $0)) } }
        #expect(got[block].byte_offset == -128 * bytes.reduce(0, +), "seed \(seed)")
        #expect(got[block].first_offset == -32 * bytes[..<16].reduce(0, +), "seed \(seed)")
        #expect(got[block].sum == got[block].scale * Float(bytes.reduce(0, +)), "seed \(seed)")
      }
    }
  }

  /// What a token gets does not depend on how many others there are, nor on its place among them.
  @Test(arguments: cases) private func batchInvariance(of one: Case) throws {
    let kernels = try #require(DecoderKernels.named(one.name))
    var random = SeededRandom(seed: 5)
    let (tokens, rows, columns) = (101, 36, 256)
    let blocks = GGMLBlocks(one.format, rows: rows, columns: columns, random: &random)
    let memory = WeightMemory(regionBytes: 1 << 20)
    let stacked = try blocks.withRows { try PackedMatrix($0, memory: memory) }
    let paired = try blocks.withRows { try PackedMatrix(gate: $0, up: $0, memory: memory) }
    let inputs = Inputs(
      tokens: tokens, columns: columns, floats: stacked.readsFloats, random: &random, kernels: kernels)
    for (matrix, output) in [(stacked, LinearOutput.store), (paired, .swiGLUFloats)] {
      let together = run(matrix, kernels, inputs: inputs, tokens: tokens, output: output, initial: 0, threads: 1)
      for token in stride(from: 0, to: tokens, by: 7) {
        var alone = [Float](repeating: 0, count: rows)
        alone.withUnsafeMutableBufferPointer { alone in
          var product = LinearLayer(matrix).product(
            tiles: 0..<matrix.tiles, tokens: 1, input: inputs.memory.pointer + token * inputs.stride,
            inputStride: inputs.stride, output: alone.baseAddress!, outputStride: rows * 4, next: nil)
          kernels.multiply(&product, output)
        }
        #expect(alone.elementsEqual(together[token * rows..<(token + 1) * rows]), "token \(token)")
      }
    }
  }

  @Test(arguments: DecoderKernels.available) func whatIsNoNumberIsNotLost(name: String) throws {
    let kernels = try #require(DecoderKernels.named(name))
    var row = [Float](repeating: 1, count: 64)
    row[40] = .nan
    let blocks = [InputBlock](unsafeUninitializedCapacity: 2) { out, count in
      kernels.quantizeRow(row, 64, out.baseAddress!)
      count = 2
    }
    #expect(blocks[0].scale == 1.0 / 127 && blocks[1].scale.isNaN && blocks[1].sum.isNaN)
  }

  @Test(arguments: WeightFormat.allCases) func rowsAsFloats(format: WeightFormat) throws {
    var random = SeededRandom(seed: 8)
    let columns = max(format.blockValues, 32) * 2
    let blocks =
      [GGMLBlocks(format, rows: 45, columns: columns, random: &random)]
      + [GGMLBlocks(format, rows: 3, columns: columns, random: &random)]
    let matrix = try blocks[0].withRows { first in try blocks[1].withRows { try PackedMatrix(first, $0) } }
    let weights = blocks.flatMap { $0.weights() }
    for row in 0..<48 {
      var out = [Float](repeating: 0, count: columns)
      LinearLayer(matrix).copyRow(row, to: &out)
      for k in 0..<columns {
        let weight = weights[row * columns + k]
        let bound = (abs(weight.product) + abs(weight.minimum)) * (blocks[0].scaleRounding + 1e-6)
        #expect(abs(Double(out[k]) - weight.product - weight.minimum) <= bound + 1e-7, "row \(row), column \(k)")
      }
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    var random = SeededRandom(seed: 1)
    let blocks = GGMLBlocks(.q40, rows: 4, columns: 64, random: &random)
    func message(_ change: (inout WeightRows) -> Void) -> String {
      blocks.withRows { rows in
        var rows = rows
        change(&rows)
        do throws(PackingError) { _ = try PackedMatrix(rows) } catch { return error.description }
        return ""
      }
    }
    #expect(message { _ in } == "")
    #expect(message { $0.rows = 0 } == "a matrix of 0 rows and 64 columns cannot be packed")
    #expect(message { $0.columns = 48 } == "48 columns are no whole number of Q4_0 blocks of 32")
    #expect(message { $0.rows = 5 } == "5 rows of 64 weights of Q4_0 take 36 bytes each, not 144 in all")
    #expect(message { $0.order = [0, 1, 2, 4] } == "an order of 4 rows does not fit a matrix of 4")
    #expect(message { $0.bias = [1] } == "1 biases do not fit 4 rows")
    let other = GGMLBlocks(.f32, rows: 4, columns: 64, random: &random)
    blocks.withRows { first in
      other.withRows { second in
        #expect(throws: PackingError.self) { try PackedMatrix(first, second) }
        var fewer = first
        fewer.rows = 2
        fewer.bytes = .init(rebasing: first.bytes[..<72])
        #expect(throws: PackingError.self) { try PackedMatrix(gate: first, up: fewer) }
      }
    }
  }
}
