internal import ModelFiles

/// The tensors of a BERT model, read one layer at a time.
struct BERTWeights {
  let configuration: BERTConfiguration
  private let file: SafetensorsFile
  /// "bert." where the file was written with a head on top.
  private let prefix: String

  /// - Throws: `ModelFileError` if `model.safetensors` is missing or damaged.
  init(folder: ModelFolder, configuration: BERTConfiguration) throws {
    self.configuration = configuration
    file = try SafetensorsFile(path: folder.file("model.safetensors"))
    prefix = file.has("bert.embeddings.word_embeddings.weight") ? "bert." : ""
  }

  /// - Throws: `ModelFileError` with the tensor that is missing or has another shape or type than the configuration says.
  func embeddings() throws -> BERTEmbeddingWeights {
    let size = configuration.hiddenSize
    return BERTEmbeddingWeights(
      words: try floats("embeddings.word_embeddings.weight", [configuration.vocabularySize, size]),
      positions: try floats("embeddings.position_embeddings.weight", [configuration.maximumPositions, size]),
      tokenTypes: try floats("embeddings.token_type_embeddings.weight", [configuration.tokenTypes, size]),
      norm: try norm("embeddings.LayerNorm"))
  }

  /// - Throws: as `embeddings`.
  func layer(_ index: Int) throws -> BERTLayerWeights {
    let hidden = configuration.hiddenSize
    let intermediate = configuration.intermediateSize
    let name = "encoder.layer.\(index)"
    return BERTLayerWeights(
      query: try linear("\(name).attention.self.query", hidden, hidden),
      key: try linear("\(name).attention.self.key", hidden, hidden),
      value: try linear("\(name).attention.self.value", hidden, hidden),
      attentionOutput: try linear("\(name).attention.output.dense", hidden, hidden),
      attentionNorm: try norm("\(name).attention.output.LayerNorm"),
      intermediate: try linear("\(name).intermediate.dense", intermediate, hidden),
      output: try linear("\(name).output.dense", hidden, intermediate),
      outputNorm: try norm("\(name).output.LayerNorm"))
  }

  private func floats(_ name: String, _ shape: [Int]) throws -> [Float] { try file.floats(prefix + name, shape: shape) }

  private func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws -> LinearWeights {
    LinearWeights(
      outputs: outputs, inputs: inputs, weight: try floats("\(name).weight", [outputs, inputs]),
      bias: try floats("\(name).bias", [outputs]))
  }

  /// TensorFlow's first checkpoints called the weight gamma and the bias beta.
  private func norm(_ name: String) throws -> NormWeights {
    let old = file.has("\(prefix)\(name).gamma")
    return NormWeights(
      weight: try floats("\(name).\(old ? "gamma" : "weight")", [configuration.hiddenSize]),
      bias: try floats("\(name).\(old ? "beta" : "bias")", [configuration.hiddenSize]))
  }
}

/// A linear layer as PyTorch keeps it: y = weight·x + bias.
struct LinearWeights {
  var outputs: Int
  var inputs: Int
  /// `outputs × inputs`, row-major.
  var weight: [Float]
  var bias: [Float]
}

struct NormWeights {
  var weight: [Float]
  var bias: [Float]
}

struct BERTEmbeddingWeights {
  var words: [Float]
  var positions: [Float]
  var tokenTypes: [Float]
  var norm: NormWeights
}

struct BERTLayerWeights {
  var query: LinearWeights
  var key: LinearWeights
  var value: LinearWeights
  var attentionOutput: LinearWeights
  var attentionNorm: NormWeights
  var intermediate: LinearWeights
  var output: LinearWeights
  var outputNorm: NormWeights
}
