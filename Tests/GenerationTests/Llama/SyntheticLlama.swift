import Foundation
import ModelFiles

/// A small decoder of random weights in memory.
struct SyntheticLlama: LlamaModel {
  let configuration: LlamaConfiguration
  private let matrices: [LlamaTensor: WeightMatrix]
  private let vectors: [LlamaTensor: [Float]]

  /// `@unchecked Sendable`: written in `init` and only read thereafter.
  private final class Bytes: WeightSource, @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(_ values: [UInt8]) {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: values.count, alignment: 64)
      memory.copyBytes(from: values)
      bytes = UnsafeRawBufferPointer(memory)
    }

    deinit { bytes.deallocate() }
    func releaseMemory(_ range: Range<Int>) {}
  }

  /// Codes of `ggml_type` for the projections, and for the embedding and the output.
  enum Code: UInt32 {
    case f32 = 0
    case f16 = 1
    case q40 = 2
    case q41 = 3
    case q80 = 8
  }

  init(
    _ configuration: LlamaConfiguration, weights: Code = .q41, output: Code = .q80, value: Code? = nil, seed: UInt64 = 1
  ) {
    self.configuration = configuration
    var random = SplitMix(state: seed)
    var (matrices, vectors): ([LlamaTensor: WeightMatrix], [LlamaTensor: [Float]]) = ([:], [:])
    let c = configuration
    let (queries, keys) = (c.heads * c.headDimension, c.keyValueHeads * c.headDimension)
    func add(_ tensor: LlamaTensor, _ rows: Int, _ columns: Int, _ code: Code, spread: Float) {
      matrices[tensor] = Self.matrix(rows, columns, code, spread / Float(columns).squareRoot(), &random)
    }
    func norm(_ tensor: LlamaTensor) {
      vectors[tensor] = (0..<c.hiddenSize).map { _ in Float.random(in: 0.5...1.5, using: &random) }
    }
    func bias(_ tensor: LlamaTensor, _ count: Int) {
      vectors[tensor] = (0..<count).map { _ in Float.random(in: -0.5...0.5, using: &random) }
    }
    add(.embedding, c.vocabularySize, c.hiddenSize, output, spread: 8)
    matrices[.output] = matrices[.embedding]
    if !c.tiesEmbeddings { add(.output, c.vocabularySize, c.hiddenSize, output, spread: 4) }
    norm(.outputNorm)
    for layer in 0..<c.layers {
      norm(.layer(layer, .attentionNorm))
      norm(.layer(layer, .feedForwardNorm))
      add(.layer(layer, .query), queries, c.hiddenSize, weights, spread: 1.5)
      add(.layer(layer, .key), keys, c.hiddenSize, weights, spread: 1.5)
      add(.layer(layer, .value), keys, c.hiddenSize, value ?? weights, spread: 1)
      add(.layer(layer, .attentionOutput), c.hiddenSize, queries, weights, spread: 1)
      add(.layer(layer, .gate), c.intermediateSize, c.hiddenSize, weights, spread: 2)
      add(.layer(layer, .up), c.intermediateSize, c.hiddenSize, weights, spread: 1)
      add(.layer(layer, .down), c.hiddenSize, c.intermediateSize, weights, spread: 1)
      if c.hasAttentionBias {
        bias(.layer(layer, .queryBias), queries)
        bias(.layer(layer, .keyBias), keys)
        bias(.layer(layer, .valueBias), keys)
      }
    }
    self.matrices = matrices
    self.vectors = vectors
  }

  func matrix(_ tensor: LlamaTensor) throws -> WeightMatrix {
    guard let matrix = matrices[tensor] else { throw ModelFileError(path: "", reason: "no \(tensor)") }
    return matrix
  }

  func vector(_ tensor: LlamaTensor) throws -> [Float] {
    guard let vector = vectors[tensor] else { throw ModelFileError(path: "", reason: "no \(tensor)") }
    return vector
  }

  /// Values of about the given spread, as blocks of the type.
  private static func matrix(
    _ rows: Int, _ columns: Int, _ code: Code, _ spread: Float, _ random: inout SplitMix
  ) -> WeightMatrix {
    var bytes: [UInt8] = []
    func half(_ value: Float) {
      withUnsafeBytes(of: Float16(value).bitPattern.littleEndian) { bytes += $0 }
    }
    for _ in 0..<rows * columns / (code == .f32 || code == .f16 ? 1 : 32) {
      let scale = spread * Float.random(in: 0.7...1.3, using: &random)
      switch code {
      case .f32:
        let value = Float.random(in: -1.7...1.7, using: &random) * spread
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
      case .f16: half(Float.random(in: -1.7...1.7, using: &random) * spread)
      case .q40:
        half(scale / 4.6)
        for _ in 0..<16 { bytes.append(.random(in: 0...255, using: &random)) }
      case .q41:
        half(scale / 4.6)
        half(-scale * 1.63)
        for _ in 0..<16 { bytes.append(.random(in: 0...255, using: &random)) }
      case .q80:
        half(scale / 74)
        for _ in 0..<32 { bytes.append(.random(in: 0...255, using: &random)) }
      }
    }
    return WeightMatrix(
      rows: rows, columns: columns, type: GGUFType(code: code.rawValue)!, source: Bytes(bytes), range: 0..<bytes.count)
  }

  struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
