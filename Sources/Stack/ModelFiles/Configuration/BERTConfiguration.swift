internal import JSON

/// The shape of a BERT-like encoder, from `config.json` (Devlin et al. 2018; fields as Hugging Face names them).
public struct BERTConfiguration: Sendable, Equatable {
  public var hiddenSize: Int
  public var layers: Int
  public var heads: Int
  public var intermediateSize: Int
  public var vocabularySize: Int
  public var maximumPositions: Int
  public var tokenTypes: Int
  public var layerNormEpsilon: Float
  public var activation: Activation

  public enum Activation: String, Sendable, CaseIterable {
    /// x·Φ(x) with the error function.
    case gelu
    /// Its approximation by tanh.
    case geluNew = "gelu_new"
    case relu
  }

  /// Reads a folder's `config.json`.
  ///
  /// - Throws: `ModelFileError` with the field at fault: missing, of the wrong kind, out of range, or of another
  ///   architecture than BERT's.
  public init(_ folder: ModelFolder) throws {
    let file = try ConfigurationFile(path: folder.file("config.json"))
    let type = try file.text("model_type")
    guard type == "bert" else {
      throw file.failure("model_type", "is \"\(type)\", and only BERT-shaped encoders (\"bert\") are read here")
    }
    hiddenSize = try file.integer("hidden_size", in: 1...65_536)
    layers = try file.integer("num_hidden_layers", in: 1...1_024)
    heads = try file.integer("num_attention_heads", in: 1...1_024)
    intermediateSize = try file.integer("intermediate_size", in: 1...1_048_576)
    vocabularySize = try file.integer("vocab_size", in: 1...4_194_304)
    maximumPositions = try file.integer("max_position_embeddings", in: 1...1_048_576)
    tokenTypes = try file.integer("type_vocab_size", in: 1...1_024, default: 2)
    let epsilon = file.optional("layer_norm_eps") == nil ? 1e-12 : try file.number("layer_norm_eps")
    guard epsilon > 0, epsilon < 1 else {
      throw file.failure("layer_norm_eps", "must lie between 0 and 1, not \(epsilon)")
    }
    layerNormEpsilon = Float(epsilon)
    guard hiddenSize % heads == 0 else {
      throw file.failure("num_attention_heads", "is \(heads), which does not divide hidden_size \(hiddenSize)")
    }
    let name = file.optional("hidden_act") == nil ? "gelu" : try file.text("hidden_act")
    guard let known = Activation(rawValue: name) else {
      let all = Activation.allCases.map(\.rawValue).joined(separator: ", ")
      throw file.failure("hidden_act", "is \"\(name)\"; read here are \(all)")
    }
    activation = known
    if let positions = file.optional("position_embedding_type"), positions.string != "absolute" {
      throw file.failure("position_embedding_type", "is \(positions.kind), and only \"absolute\" is read here")
    }
  }
}
