import Foundation
import ModelFiles
import TestFixtures
import Testing
import Tokenizers

/// Folders as `transformers` writes them. Their values are held to PyTorch in GenerationTests.
@Suite struct LlamaFolderTests {
  private let folder = TemporaryFolder()
  private let base: [String: Any] = [
    "architectures": ["LlamaForCausalLM"], "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4,
    "num_key_value_heads": 2, "intermediate_size": 24, "vocab_size": 100, "max_position_embeddings": 4096,
    "rms_norm_eps": 1e-5, "rope_theta": 500_000.0, "tie_word_embeddings": true, "hidden_act": "silu",
  ]

  private func write(_ name: String, _ object: Any) throws {
    _ = try folder.file("model/\(name)", Array(try JSONSerialization.data(withJSONObject: object)))
  }

  private func configuration(_ changes: [String: Any]) throws -> LlamaConfiguration {
    try write("config.json", base.merging(changes) { $1 })
    return try LlamaConfiguration(ModelFolder(path: "\(folder.path)/model"))
  }

  private func refusal(_ changes: [String: Any]) -> String {
    failure { _ = try configuration(changes) } ?? "read"
  }

  /// A safetensors file of these tensors, of floats that count up.
  private func tensors(_ shapes: [(name: String, shape: [Int])]) throws -> [UInt8] {
    var header: [String: Any] = [:]
    var offset = 0
    for (name, shape) in shapes {
      let end = offset + shape.reduce(4, *)
      header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [offset, end]]
      offset = end
    }
    let json = Array(try JSONSerialization.data(withJSONObject: header))
    let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) }
    return length + json + (0..<offset / 4).flatMap { withUnsafeBytes(of: Float($0)) { Array($0) } }
  }

  private var names: [(name: String, shape: [Int])] {
    let layer = "model.layers.0"
    return [
      ("model.embed_tokens.weight", [100, 16]), ("model.norm.weight", [16]), ("\(layer).input_layernorm.weight", [16]),
      ("\(layer).self_attn.q_proj.weight", [16, 16]), ("\(layer).self_attn.k_proj.weight", [8, 16]),
      ("\(layer).self_attn.v_proj.weight", [8, 16]), ("\(layer).self_attn.o_proj.weight", [16, 16]),
      ("\(layer).post_attention_layernorm.weight", [16]), ("\(layer).mlp.gate_proj.weight", [24, 16]),
      ("\(layer).mlp.up_proj.weight", [24, 16]), ("\(layer).mlp.down_proj.weight", [16, 24]),
    ]
  }

  /// A byte-level BPE over single bytes and two control tokens.
  private func tokenizer() throws {
    let pieces = (33...126).map { String(UnicodeScalar(UInt8($0))) } + ["Ġ", "Ċ"]
    let rule: [String: Any] = ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true]
    try write(
      "tokenizer.json",
      [
        "added_tokens": [["id": 96, "content": "<s>"], ["id": 97, "content": "<|im_end|>"]], "pre_tokenizer": rule,
        "model": [
          "type": "BPE", "merges": [String](),
          "vocab": Dictionary(uniqueKeysWithValues: pieces.enumerated().map { ($1, $0) }),
        ],
      ])
  }

  @Test func aFolderIsAWholeModel() throws {
    _ = try configuration(["eos_token_id": 2])
    _ = try folder.file("model/model.safetensors", try tensors(names))
    try tokenizer()
    let path = try ModelFolder(path: "\(folder.path)/model")
    var model = try LanguageModel.open(path)
    #expect(model.endTokens == [2, 97] && model.contextLength == 4096 && model.chatTemplate == nil)
    #expect(try model.weights.vector(.outputNorm).first == 1600)
    try write("config.json", base.merging(["eos_token_id": 2, "model_type": "llama"]) { $1 })
    let summary = try ModelSummary(path)
    #expect(summary.layers == 1 && summary.heads == 4 && summary.keyValueHeads == 2 && summary.maximumTokens == 4096)
    #expect(summary.types == ["F32": 11] && summary.parameters == 100 * 16 + 3 * 16 + 2 * 256 + 2 * 128 + 3 * 384)
    #expect(try model.weights.matrix(.output).rows == 100)
    try write("generation_config.json", ["eos_token_id": [96, 3]])
    try write(
      "tokenizer_config.json",
      [
        "chat_template": "{{ bos_token + messages[0].content + eos_token }}", "bos_token": "<s>",
        "eos_token": ["content": "</s>"],
      ])
    model = try LanguageModel.open(path)
    #expect(model.endTokens == [3, 96, 97])
    let talk = [ChatMessage(role: "user", content: "hi")]
    #expect(try model.chatTemplate?.render(talk, addGenerationPrompt: true) == "<s>hi</s>")
    _ = try folder.file("model/chat_template.jinja", "{{ messages[0].role }}\n")
    #expect(try LanguageModel.open(path).chatTemplate?.render(talk, addGenerationPrompt: true) == "user")
    try write("generation_config.json", ["eos_token_id": 98])
    #expect(
      failure { _ = try LanguageModel.open(path) }?.contains("'eos_token_id': names 98, and there are 98 tokens")
        == true)
  }

  @Test func tensorsThatDoNotFitAreNamed() throws {
    _ = try configuration([:])
    let path = try ModelFolder(path: "\(folder.path)/model")
    func refusal(_ change: (inout [(name: String, shape: [Int])]) -> Void) throws -> String {
      var changed = names
      change(&changed)
      _ = try folder.file("model/model.safetensors", try tensors(changed))
      return failure { _ = try LlamaWeights(path) } ?? "read"
    }
    #expect(try refusal { _ in } == "read")
    #expect(try refusal { $0.append(("lm_head.weight", [100, 16])) } == "read")
    #expect(try refusal { $0.removeLast() }.contains("tensor 'model.layers.0.mlp.down_proj.weight': is missing"))
    #expect(
      try refusal { $0[3].shape = [16, 8] }.contains(
        "q_proj.weight': has the shape [16, 8], and the configuration asks for [16, 16]"))
    #expect(
      try refusal { $0.append(("model.layers.0.self_attn.q_proj.bias", [16])) }.contains(
        "q_proj.bias': is of no use in a model"))
  }

  @Test func shardsAreFoundThroughTheirIndex() throws {
    _ = try configuration([:])
    let path = try ModelFolder(path: "\(folder.path)/model")
    func refusal(_ map: [String: Any]) throws -> String {
      try write("model.safetensors.index.json", ["weight_map": map])
      return failure { _ = try LlamaWeights(path) } ?? "read"
    }
    #expect(
      failure { _ = try LlamaWeights(path) }?.contains("neither model.safetensors nor model.safetensors.index.json")
        == true)
    _ = try folder.file("model/a.safetensors", try tensors(Array(names[..<4])))
    _ = try folder.file("model/b.safetensors", try tensors(Array(names[4...])))
    var map = Dictionary(
      uniqueKeysWithValues: names.enumerated().map { ($1.name, $0 < 4 ? "a.safetensors" : "b.safetensors") })
    #expect(try refusal(map) == "read")
    map["model.norm.weight"] = "b.safetensors"
    #expect(
      try refusal(map).contains("'weight_map.model.norm.weight': is said to be in b.safetensors, and is not there"))
    map["model.norm.weight"] = "../a.safetensors"
    #expect(try refusal(map).contains("names '../a.safetensors', which is no file of the folder"))
    map["model.norm.weight"] = "c.safetensors"
    #expect(try refusal(map).contains("c.safetensors: cannot be opened"))
    _ = try folder.file("model/b.safetensors", try tensors(Array(names[3...])))
    map["model.norm.weight"] = "a.safetensors"
    #expect(try refusal(map).contains("q_proj.weight': is in another file of the folder, too"))
  }

  @Test func rotationsAndWindows() throws {
    let scaling: [String: Any] = [
      "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192,
    ]
    let expected = LlamaConfiguration.Rotary(
      base: 500_000, pairs: .halves,
      scaling: .init(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8192))
    #expect(try configuration(["rope_scaling": scaling.merging(["rope_type": "llama3"]) { $1 }]).rotary == expected)
    #expect(
      try configuration([
        "rope_theta": 1, "rope_parameters": scaling.merging(["rope_type": "llama3", "rope_theta": 500_000]) { $1 },
      ]).rotary == expected)
    // By hand, for 128 dimensions: the shortest wave stays, and the longest, 500000^(-126/128), is stretched eightfold.
    let llama = try configuration([
      "head_dim": 128, "rope_scaling": scaling.merging(["rope_type": "llama3"]) { $1 },
    ]).inverseFrequencies
    #expect(llama.count == 64 && llama[0] == 1 && abs(llama[63] - 3.06893e-7) < 1e-11)
    #expect(try configuration(["rope_scaling": ["type": "linear", "factor": 2]]).inverseFrequencies[0] == 0.5)
    var mistral: [String: Any] = ["architectures": ["MistralForCausalLM"]]
    #expect(try configuration(mistral).maximumPositions == 4096)
    mistral["sliding_window"] = 512
    #expect(try configuration(mistral).maximumPositions == 512)
    var qwen: [String: Any] = ["architectures": ["Qwen2ForCausalLM"], "sliding_window": 512]
    #expect(try configuration(qwen).maximumPositions == 4096)
    #expect(try configuration(qwen).hasAttentionBias)
    qwen["use_sliding_window"] = true
    #expect(try configuration(qwen).maximumPositions == 512)
  }

  @Test func whatIsNotDoneHereIsRefusedByField() {
    #expect(
      refusal(["architectures": ["GemmaForCausalLM"]]).contains(
        "field 'architectures': is [\"GemmaForCausalLM\"]; read here are LlamaForCausalLM, MistralForCausalLM, Qwen2"))
    #expect(refusal(["hidden_act": "gelu"]).contains("field 'hidden_act': is \"gelu\""))
    #expect(refusal(["attention_bias": true]).contains("field 'attention_bias': is true"))
    #expect(refusal(["quantization_config": ["bits": 4]]).contains("quantised weights are read from GGUF"))
    #expect(refusal(["rope_scaling": ["rope_type": "yarn"]]).contains("field 'rope_scaling.rope_type': is \"yarn\""))
    #expect(refusal(["rope_scaling": ["rope_type": "llama3"]]).contains("field 'rope_scaling.factor': is missing"))
    #expect(
      refusal([
        "rope_scaling": [
          "rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4,
          "original_max_position_embeddings": 8192,
        ]
      ]).contains("field 'rope_scaling.low_freq_factor': must be less than high_freq_factor"))
    #expect(refusal(["partial_rotary_factor": 0.5]).contains("field 'partial_rotary_factor': is not 1"))
    #expect(
      refusal(["num_key_value_heads": 3]).contains("field 'num_key_value_heads': is 3, which does not divide the 4"))
    #expect(refusal(["head_dim": 3]).contains("field 'head_dim': is 3, and dimensions turn in pairs"))
    #expect(refusal(["rms_norm_eps": 0]).contains("field 'rms_norm_eps': must lie between"))
    #expect(refusal(["num_hidden_layers": NSNull()]).contains("field 'num_hidden_layers': is missing"))
  }
}
