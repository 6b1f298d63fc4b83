internal import Kernels
internal import ModelFiles

/// The weights of a decoder, packed for the kernels of this machine, as many bits each as in their files.
final class PackedLlama {
  /// One layer as the hot loop sees it; valid while the `PackedLlama` lives.
  struct Layer {
    let attentionNorm: UnsafePointer<Float>
    /// Queries, keys and values, one behind the other.
    let projections: LinearLayer
    let attentionOutput: LinearLayer
    let feedForwardNorm: UnsafePointer<Float>
    let gateAndUp: LinearLayer
    let down: LinearLayer

    /// Starts to fetch what stands before the layer's weights.
    func prefetch() {
      projections.prefetch()
      attentionOutput.prefetch()
      gateAndUp.prefetch()
      down.prefetch()
    }
  }

  let layers: [Layer]
  let outputNorm: UnsafePointer<Float>
  let output: LinearLayer
  /// Whose rows the tokens begin as: the output projection itself where the model ties them.
  let embedding: LinearLayer
  /// Keeps what the layers point to.
  private let matrices: [PackedMatrix]
  private let vectors: [AlignedMemory]

  /// Reads every tensor once and lets go of the pages that mirror its file.
  ///
  /// - Throws: `ModelFileError` for a tensor that is missing or misshapen, `GenerationError` for one that cannot be packed.
  init(_ model: any LlamaModel) throws {
    var packing = Packing(model: model)
    let configuration = model.configuration
    layers = try (0..<configuration.layers).map { try packing.layer($0, hasBias: configuration.hasAttentionBias) }
    outputNorm = try packing.vector(.outputNorm)
    output = LinearLayer(try packing.matrix(.output))
    embedding = configuration.tiesEmbeddings ? output : LinearLayer(try packing.matrix(.embedding))
    matrices = packing.matrices
    vectors = packing.vectors
  }
}

/// Packs tensors and keeps what became of them.
private struct Packing {
  let model: any LlamaModel
  /// All matrices in the order in which a step reads them.
  let memory = WeightMemory()
  var matrices: [PackedMatrix] = []
  var vectors: [AlignedMemory] = []

  mutating func layer(_ layer: Int, hasBias: Bool) throws -> PackedLlama.Layer {
    func bias(_ part: LlamaTensor.Part) throws -> [Float]? { hasBias ? try model.vector(.layer(layer, part)) : nil }
    return PackedLlama.Layer(
      attentionNorm: try vector(.layer(layer, .attentionNorm)),
      projections: LinearLayer(
        try pack([
          (.layer(layer, .query), try bias(.queryBias)), (.layer(layer, .key), try bias(.keyBias)),
          (.layer(layer, .value), try bias(.valueBias)),
        ]) { try PackedMatrix($0[0], $0[1], $0[2], memory: $1) }),
      attentionOutput: LinearLayer(try matrix(.layer(layer, .attentionOutput))),
      feedForwardNorm: try vector(.layer(layer, .feedForwardNorm)),
      gateAndUp: LinearLayer(
        try pack([(.layer(layer, .gate), nil), (.layer(layer, .up), nil)]) {
          try PackedMatrix(gate: $0[0], up: $0[1], memory: $1)
        }),
      down: LinearLayer(try matrix(.layer(layer, .down))))
  }

  mutating func vector(_ tensor: LlamaTensor) throws -> UnsafePointer<Float> {
    let memory = AlignedMemory(try model.vector(tensor))
    vectors.append(memory)
    return UnsafePointer(memory.floats)
  }

  mutating func matrix(_ tensor: LlamaTensor) throws -> PackedMatrix {
    try pack([(tensor, nil)]) { try PackedMatrix($0[0], memory: $1) }
  }

  /// Packs matrices that read the same inputs; if some are quantised and others are not, all are widened to float32.
  private mutating func pack(
    _ tensors: [(tensor: LlamaTensor, bias: [Float]?)], _ make: ([WeightRows], WeightMemory) throws -> PackedMatrix
  ) throws -> PackedMatrix {
    let sources = try tensors.map { try model.matrix($0.tensor) }
    let formats = try zip(tensors, sources).map { try Self.format($1.type, $0.tensor) }
    let differ = Set(formats.map(\.isFloatingPoint)).count > 1
    let widened = try differ ? sources.map { try Self.floats($0) } : []
    let packed = try withBytes(sources, widened) { bytes in
      do {
        return try make(
          sources.indices.map { index in
            WeightRows(
              rows: sources[index].rows, columns: sources[index].columns, format: differ ? .f32 : formats[index],
              bytes: bytes[index], bias: tensors[index].bias)
          }, memory)
      } catch let error as PackingError {
        throw GenerationError("\(tensors[0].tensor) cannot be packed: \(error); choose another file of the model")
      }
    }
    for source in sources { source.releaseMemory() }
    matrices.append(packed)
    return packed
  }

  /// Opens all matrices at once.
  private func withBytes<Result>(
    _ sources: [WeightMatrix], _ widened: [AlignedMemory], opened: [UnsafeRawBufferPointer] = [],
    _ body: ([UnsafeRawBufferPointer]) throws -> Result
  ) throws -> Result {
    guard opened.count < sources.count else { return try body(opened) }
    guard widened.isEmpty else {
      return try body(widened.map { UnsafeRawBufferPointer(start: $0.pointer, count: $0.count) })
    }
    return try sources[opened.count].withBytes { try withBytes(sources, widened, opened: opened + [$0], body) }
  }

  private static func format(_ type: GGUFType, _ tensor: LlamaTensor) throws -> WeightFormat {
    guard let format = WeightFormat(rawValue: type.name) else {
      throw GenerationError(
        "\(tensor) is of type \(type.name), which is not computed here; choose another file of the model")
    }
    return format
  }

  private static func floats(_ matrix: WeightMatrix) throws -> AlignedMemory {
    let memory = AlignedMemory(bytes: 4 * matrix.rows * matrix.columns)
    try matrix.dequantize(
      rows: 0..<matrix.rows, into: UnsafeMutableBufferPointer(start: memory.floats, count: matrix.rows * matrix.columns)
    )
    return memory
  }
}
