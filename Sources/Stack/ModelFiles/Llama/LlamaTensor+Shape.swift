extension LlamaTensor {
  /// All tensors that a model of this shape has, the output projection only where it is one of its own.
  static func all(of configuration: LlamaConfiguration) -> [LlamaTensor] {
    let biases: Set<Part> = [.queryBias, .keyBias, .valueBias]
    let parts = Part.allCases.filter { configuration.hasAttentionBias || !biases.contains($0) }
    let layers = (0..<configuration.layers).flatMap { layer in parts.map { LlamaTensor.layer(layer, $0) } }
    return [.embedding, .outputNorm] + (configuration.tiesEmbeddings ? [] : [.output]) + layers
  }

  /// Rows and columns of a matrix, or the length of a vector.
  func shape(in configuration: LlamaConfiguration) -> [Int] {
    let queries = configuration.heads * configuration.headDimension
    let keys = configuration.keyValueHeads * configuration.headDimension
    return switch self {
    case .embedding, .output: [configuration.vocabularySize, configuration.hiddenSize]
    case .outputNorm: [configuration.hiddenSize]
    case .layer(_, let part):
      switch part {
      case .attentionNorm, .feedForwardNorm: [configuration.hiddenSize]
      case .query: [queries, configuration.hiddenSize]
      case .key, .value: [keys, configuration.hiddenSize]
      case .queryBias: [queries]
      case .keyBias, .valueBias: [keys]
      case .attentionOutput: [configuration.hiddenSize, queries]
      case .gate, .up: [configuration.intermediateSize, configuration.hiddenSize]
      case .down: [configuration.hiddenSize, configuration.intermediateSize]
      }
    }
  }
}
