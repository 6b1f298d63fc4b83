/// The shape of a decoder, as far as it costs time and memory.
public struct SimulatedModel: Sendable, Equatable {
  public var name: String
  public var hiddenSize: Int
  public var layers: Int
  public var heads: Int
  public var keyValueHeads: Int
  public var headDimension: Int
  public var intermediateSize: Int
  /// Matrices of the feed-forward part: 3 with a gate, 2 without.
  public var feedForwardMatrices: Int
  public var vocabularySize: Int
  public var maximumPositions: Int
  /// Whether the output projection is the embedding table.
  public var tiesEmbeddings: Bool
  /// Rows of a table of learned positions.
  public var positionRows = 0
  /// Bytes of one weight of a layer, and of the output projection.
  public var weightBytes = 2.0
  public var outputBytes = 2.0
  /// Bytes of one element of a key or a value.
  public var cacheBytes = 2.0

  /// By the models' papers and configurations; half precision, but for SmolLM2, which is held in Q4_1 and Q8_0 as its GGUF
  /// is.
  public static let all: [SimulatedModel] = [
    Self(
      name: "opt-13b", hiddenSize: 5120, layers: 40, heads: 40, keyValueHeads: 40, headDimension: 128,
      intermediateSize: 20_480, feedForwardMatrices: 2, vocabularySize: 50_272, maximumPositions: 2048,
      tiesEmbeddings: true, positionRows: 2050),
    Self(
      name: "llama-7b", hiddenSize: 4096, layers: 32, heads: 32, keyValueHeads: 32, headDimension: 128,
      intermediateSize: 11_008, feedForwardMatrices: 3, vocabularySize: 32_000, maximumPositions: 2048,
      tiesEmbeddings: false),
    Self(
      name: "llama-13b", hiddenSize: 5120, layers: 40, heads: 40, keyValueHeads: 40, headDimension: 128,
      intermediateSize: 13_824, feedForwardMatrices: 3, vocabularySize: 32_000, maximumPositions: 2048,
      tiesEmbeddings: false),
    Self(
      name: "llama-3.1-8b", hiddenSize: 4096, layers: 32, heads: 32, keyValueHeads: 8, headDimension: 128,
      intermediateSize: 14_336, feedForwardMatrices: 3, vocabularySize: 128_256, maximumPositions: 131_072,
      tiesEmbeddings: false),
    Self(
      name: "llama-3.1-70b", hiddenSize: 8192, layers: 80, heads: 64, keyValueHeads: 8, headDimension: 128,
      intermediateSize: 28_672, feedForwardMatrices: 3, vocabularySize: 128_256, maximumPositions: 131_072,
      tiesEmbeddings: false),
    Self(
      name: "smollm2-135m", hiddenSize: 576, layers: 30, heads: 9, keyValueHeads: 3, headDimension: 64,
      intermediateSize: 1536, feedForwardMatrices: 3, vocabularySize: 49_152, maximumPositions: 8192,
      tiesEmbeddings: true, weightBytes: 20.0 / 32, outputBytes: 34.0 / 32),
  ]

  /// Weights of one layer's matrices.
  var layerWeights: Double {
    let attention = 2 * hiddenSize * headDimension * (heads + keyValueHeads)
    return Double(attention + feedForwardMatrices * hiddenSize * intermediateSize)
  }

  var outputWeights: Double { Double(vocabularySize * hiddenSize) }

  /// Bytes of all weights; norms and biases, a ten-thousandth, are left out.
  public var bytes: Double {
    Double(layers) * layerWeights * weightBytes + (tiesEmbeddings ? 1 : 2) * outputWeights * outputBytes
      + Double(positionRows * hiddenSize) * weightBytes
  }

  /// Bytes of the keys and values of one token.
  public var cacheBytesPerToken: Double {
    2 * Double(layers * keyValueHeads * headDimension) * cacheBytes
  }
}
