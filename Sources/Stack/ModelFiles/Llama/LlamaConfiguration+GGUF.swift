extension LlamaConfiguration {
  /// Where llama.cpp keeps what frequencies of rotation are divided by.
  static let frequencyTensor = "rope_freqs.weight"

  /// Reads a GGUF file's metadata (ggml, docs/gguf.md, "LLM").
  ///
  /// - Throws: `ModelFileError` with the key at fault: missing, out of range, or of an architecture that is not read here.
  public init(_ file: GGUFFile) throws {
    let architecture = try file.value("general.architecture", \.string)
    guard let pairs = Self.pairs[architecture] else {
      throw file.failure(
        "general.architecture",
        "is \"\(architecture)\"; read here are \(Self.pairs.keys.sorted().joined(separator: " and ")) "
          + "(Llama, SmolLM, Mistral and Qwen2)")
    }
    func key(_ name: String) -> String { "\(architecture).\(name)" }
    if try file.integer(key("expert_count"), in: 0...65_536, default: 0) > 0 {
      throw file.failure(key("expert_count"), "says that this is a mixture of experts, which is not read here")
    }
    let hidden = try file.integer(key("embedding_length"), in: 1...65_536)
    let heads = try file.integer(key("attention.head_count"), in: 1...1_024)
    let head = try file.integer(key("attention.key_length"), in: 2...1_024, default: hidden / heads)
    for name in ["attention.value_length", "rope.dimension_count"] {
      let width = try file.integer(key(name), in: 1...1_024, default: head)
      guard width == head else {
        throw file.failure(key(name), "is \(width), and heads of \(head) dimensions are read here")
      }
    }
    let table = try file.tensor("token_embd.weight")
    guard table.shape.count == 2 else {
      throw ModelFileError(path: file.path, place: "tensor 'token_embd.weight'", reason: "must have two dimensions")
    }
    let trained = try file.integer(key("context_length"), in: 1...1 << 27)
    let window = try file.integer(key("attention.sliding_window"), in: 0...1 << 27, default: 0)
    self.init(
      hiddenSize: hidden, layers: try file.integer(key("block_count"), in: 1...1_024), heads: heads,
      keyValueHeads: try file.integer(key("attention.head_count_kv"), in: 1...1_024, default: heads),
      headDimension: head, intermediateSize: try file.integer(key("feed_forward_length"), in: 1...1_048_576),
      vocabularySize: table.shape[1], maximumPositions: window > 0 ? min(trained, window) : trained,
      normEpsilon: Float(try file.number(key("attention.layer_norm_rms_epsilon"), in: 1e-12...0.1)),
      rotary: Rotary(
        base: try file.number(key("rope.freq_base"), in: 1...1e12, default: 10_000), pairs: pairs,
        frequencyFactors: try Self.frequencyFactors(file, architecture: architecture, pairs: head / 2)),
      hasAttentionBias: file.has("blk.0.attn_q.bias"), tiesEmbeddings: !file.has("output.weight"))
    try check { file.failure(key($0.inGGUF), $1) }
  }

  /// Converters to GGUF permute the rows of Q and K for Llama's architecture, and leave them for Qwen2's.
  private static let pairs: [String: Rotary.Pairs] = ["llama": .interleaved, "qwen2": .halves]

  /// From a tensor, or all the same where positions are scaled linearly.
  private static func frequencyFactors(_ file: GGUFFile, architecture: String, pairs: Int) throws -> [Float]? {
    var factors: [Float]?
    if file.has(frequencyTensor) {
      factors = try file.floats(frequencyTensor, count: pairs)
      guard factors?.allSatisfy({ $0.isFinite && $0 > 0 }) == true else {
        throw ModelFileError(
          path: file.path, place: "tensor '\(frequencyTensor)'", reason: "must hold positive numbers only")
      }
    }
    let kind = file.metadata["\(architecture).rope.scaling.type"]
    let old = "\(architecture).rope.scale_linear"
    switch kind?.string ?? (kind == nil ? (file.metadata[old] == nil ? "none" : "linear") : "") {
    case "none": return factors
    case "linear":
      let factor = try file.number(
        kind == nil ? old : "\(architecture).rope.scaling.factor", in: 1...65_536)
      return (factors ?? [Float](repeating: 1, count: pairs)).map { $0 * Float(factor) }
    default:
      throw file.failure(
        "\(architecture).rope.scaling.type", "is \(kind?.kind ?? ""); known here are none and linear")
    }
  }
}
