internal import JSON

extension LlamaConfiguration {
  /// Reads a folder's `config.json`, as Hugging Face's `transformers` writes it for `LlamaForCausalLM`,
  /// `MistralForCausalLM` and `Qwen2ForCausalLM`.
  ///
  /// A sliding window of attention shortens `maximumPositions` to its length, within which it hides nothing.
  ///
  /// - Throws: `ModelFileError` with the field at fault: missing, out of range, or asking for what is not done here.
  public init(_ folder: ModelFolder) throws {
    let file = try ConfigurationFile(path: folder.file("config.json"))
    let family = try Self.family(file)
    try Self.refuse(file)
    let hidden = try file.integer("hidden_size", in: 1...65_536)
    let heads = try file.integer("num_attention_heads", in: 1...1_024)
    let head = try file.integer("head_dim", in: 2...1_024, default: hidden / heads)
    let epsilon = file.optional("rms_norm_eps") == nil ? 1e-6 : try file.number("rms_norm_eps")
    guard epsilon > 0, epsilon < 1 else {
      throw file.failure("rms_norm_eps", "must lie between 0 and 1, not \(epsilon)")
    }
    self.init(
      hiddenSize: hidden, layers: try file.integer("num_hidden_layers", in: 1...1_024), heads: heads,
      keyValueHeads: try file.integer("num_key_value_heads", in: 1...1_024, default: heads),
      headDimension: head, intermediateSize: try file.integer("intermediate_size", in: 1...1_048_576),
      vocabularySize: try file.integer("vocab_size", in: 1...4_194_304),
      maximumPositions: try Self.maximumPositions(file, family),
      normEpsilon: Float(epsilon), rotary: try Self.rotary(file, pairs: head / 2),
      hasAttentionBias: family == .qwen2, tiesEmbeddings: try file.bool("tie_word_embeddings", default: false))
    try check { file.failure($0.inTransformers, $1) }
  }

  private enum Family: String, CaseIterable {
    case llama = "LlamaForCausalLM"
    case mistral = "MistralForCausalLM"
    case qwen2 = "Qwen2ForCausalLM"
  }

  private static func family(_ file: ConfigurationFile) throws -> Family {
    let list = try file.list("architectures")
    guard list.count == 1, let family = list[0].string.flatMap(Family.init(rawValue:)) else {
      let known = Family.allCases.map(\.rawValue).joined(separator: ", ")
      throw file.failure("architectures", "is [\(list.map(\.kind).joined(separator: ", "))]; read here are \(known)")
    }
    return family
  }

  /// What would change the result and is not computed here.
  private static func refuse(_ file: ConfigurationFile) throws {
    for field in ["attention_bias", "mlp_bias"] where try file.bool(field, default: false) {
      throw file.failure(field, "is true, and such biases are not read here")
    }
    let activation = file.optional("hidden_act") == nil ? "silu" : try file.text("hidden_act")
    guard activation == "silu" else { throw file.failure("hidden_act", "is \"\(activation)\"; read here is \"silu\"") }
    if file.optional("quantization_config") != nil {
      throw file.failure(
        "quantization_config", "says that the weights are quantised; quantised weights are read from GGUF")
    }
  }

  private static func maximumPositions(_ file: ConfigurationFile, _ family: Family) throws -> Int {
    let trained = try file.integer("max_position_embeddings", in: 1...1 << 27)
    let hasWindow =
      switch family {
      case .llama: false
      case .mistral: true
      case .qwen2: try file.bool("use_sliding_window", default: false)
      }
    guard hasWindow else { return trained }
    return min(trained, try file.integer("sliding_window", in: 1...1 << 27, default: trained))
  }

  /// `rope_parameters` since version 5 of the library; before it `rope_theta` and `rope_scaling`.
  private static func rotary(_ file: ConfigurationFile, pairs: Int) throws -> Rotary {
    let field = ["rope_parameters", "rope_scaling"].first { file.optional($0) != nil }
    let rules = try field.map { try file.object($0) }
    let holder = rules?.optional("rope_theta") == nil ? file : rules ?? file
    let base = holder.optional("rope_theta") == nil ? 10_000 : try holder.number("rope_theta")
    guard (1...1e12).contains(base) else {
      throw holder.failure("rope_theta", "must lie between 1 and 1e12, not \(base)")
    }
    var rotary = Rotary(base: base, pairs: .halves)
    for part in [file, rules].compactMap(\.self) where part.optional("partial_rotary_factor") != nil {
      guard try part.number("partial_rotary_factor") == 1 else {
        throw part.failure("partial_rotary_factor", "is not 1, and whole heads are turned here")
      }
    }
    guard let rules else { return rotary }
    let kind = rules.optional("rope_type") == nil ? "type" : "rope_type"
    switch rules.optional(kind) == nil ? "default" : try rules.text(kind) {
    case "default": break
    case "linear":
      rotary.frequencyFactors = [Float](repeating: Float(try positive("factor", of: rules)), count: pairs)
    case "llama3":
      let scaling = Rotary.Scaling(
        factor: Float(try positive("factor", of: rules)),
        lowFrequencyFactor: Float(try positive("low_freq_factor", of: rules)),
        highFrequencyFactor: Float(try positive("high_freq_factor", of: rules)),
        originalPositions: try rules.integer("original_max_position_embeddings", in: 1...1 << 27))
      guard scaling.lowFrequencyFactor < scaling.highFrequencyFactor else {
        throw rules.failure("low_freq_factor", "must be less than high_freq_factor")
      }
      rotary.scaling = scaling
    case let other: throw rules.failure(kind, "is \"\(other)\"; known here are default, linear and llama3")
    }
    return rotary
  }

  private static func positive(_ field: String, of rules: ConfigurationFile) throws -> Double {
    let number = try rules.number(field)
    guard number > 0, number < 1e6 else { throw rules.failure(field, "must be positive, not \(number)") }
    return number
  }
}
