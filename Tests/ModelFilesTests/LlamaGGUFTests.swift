import Foundation
import ModelFiles
import TestFixtures
import Testing

@Suite struct LlamaGGUFTests {
  private let folder = TemporaryFolder()

  private func open(_ change: (inout TinyGGUF) -> Void = { _ in }) throws -> LanguageModel {
    var file = TinyGGUF()
    change(&file)
    _ = try folder.file("model/a.gguf", file.write().bytes)
    return try LanguageModel.open(ModelFolder(path: "\(folder.path)/model", name: "tiny"))
  }

  private func refusal(_ change: (inout TinyGGUF) -> Void) -> String {
    failure { _ = try open(change) } ?? "opened"
  }

  @Test(arguments: [2, 3] as [UInt32])
  func oneFileMixesTypes(version: UInt32) throws {
    let model = try open { $0.version = version }
    #expect(
      model.weights.configuration
        == LlamaConfiguration(
          hiddenSize: 32, layers: 1, heads: 4, keyValueHeads: 2, headDimension: 8, intermediateSize: 256,
          vocabularySize: 100, maximumPositions: 128, normEpsilon: 1e-5,
          rotary: .init(base: 10_000, pairs: .interleaved)))
    #expect(model.name == "tiny" && model.contextLength == 128 && model.endTokens == [98, 99])
    let types = try LlamaTensor.Part.allCases.compactMap { part -> String? in
      switch part {
      case .queryBias, .keyBias, .valueBias, .attentionNorm, .feedForwardNorm: nil
      default: try model.weights.matrix(.layer(0, part)).type.name
      }
    }
    #expect(types == ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_0", "BF16", "Q6_K"])
    #expect(try model.weights.vector(.layer(0, .feedForwardNorm)).count == 32)
    #expect(
      try model.chatTemplate?.render([ChatMessage(role: "user", content: " hi ")], addGenerationPrompt: true)
        == "<s>user: hi")
    #expect(failure { _ = try model.weights.matrix(.outputNorm) }?.contains("is a vector") == true)
    #expect(failure { _ = try model.weights.vector(.layer(0, .keyBias)) }?.contains("has no") == true)
  }

  @Test func shapesOfTheFamily() throws {
    let qwen = try open {
      $0.architecture = "qwen2"
      $0.tensors.removeAll { $0.name == "output.weight" }
      for (name, size) in [("q", 32), ("k", 16), ("v", 16)] {
        $0.tensors.append(.init(name: "blk.0.attn_\(name).bias", shape: [UInt64(size)], type: 0))
      }
    }.weights
    #expect(qwen.configuration.rotary.pairs == .halves)
    #expect(qwen.configuration.hasAttentionBias && qwen.configuration.tiesEmbeddings)
    #expect(try qwen.vector(.layer(0, .keyBias)).count == 16)
    #expect(try qwen.matrix(.output).type.name == "Q8_0")
    let factors = try open { $0.tensors.append(.init(name: "rope_freqs.weight", shape: [4], type: 0)) }
    #expect(factors.weights.configuration.rotary.frequencyFactors?.count == 4)
    let stretched = try open {
      $0.set("rope.scaling.type", .text("linear"))
      $0.set("rope.scaling.factor", .number(4))
      $0.set("attention.sliding_window", .integer(64))
    }.weights.configuration
    #expect(stretched.rotary.frequencyFactors == [4, 4, 4, 4] && stretched.maximumPositions == 64)
    #expect(stretched.inverseFrequencies[0] == 0.25)
  }

  @Test func whatIsNotReadHereIsNamed() {
    #expect(
      refusal { $0.architecture = "mamba" }.hasSuffix(
        "key 'general.architecture': is \"mamba\"; read here are llama and qwen2 (Llama, SmolLM, Mistral and Qwen2)"))
    #expect(
      refusal { $0.set("expert_count", .integer(8)) }.contains("'llama.expert_count': says that this is a mixture"))
    #expect(
      refusal { $0.set("rope.scaling.type", .text("yarn")) }.contains("is \"yarn\"; known here are none and linear"))
    #expect(
      refusal { $0.change("blk.0.ffn_down.weight") { $0.type = 10 } }.contains(
        "tensor 'blk.0.ffn_down.weight': is of type Q2_K, and weights are read from F32, F16, BF16, Q4_0"))
    #expect(refusal { $0.change("blk.0.ffn_down.weight") { $0.type = 23 } }.contains("is of type IQ4_XS"))
    #expect(
      refusal { $0.change("blk.0.ffn_down.weight") { $0.type = 77 } }.contains(
        "is of the type 77, which is no quantisation that is known here"))
    #expect(
      refusal { $0.tensors.append(.init(name: "blk.0.attn_q_norm.weight", shape: [8], type: 0)) }.contains(
        "tensor 'blk.0.attn_q_norm.weight': is of no use in a model that is shaped as its configuration says"))
    #expect(
      refusal { $0.tensors.append(.init(name: String(repeating: "x", count: 65), shape: [8], type: 0)) }.contains(
        "has a name of 65 bytes"))
  }

  @Test func whatDoesNotFitIsNamed() {
    #expect(refusal { $0.set("block_count", nil) }.contains("key 'llama.block_count': is missing"))
    #expect(refusal { $0.set("block_count", .integer(0)) }.contains("must be an integer from 1 to 1024, not 0"))
    #expect(refusal { $0.set("block_count", .text("1")) }.contains("must be an integer from 1 to 1024, not \"1\""))
    #expect(refusal { $0.set("block_count", .integer(2)) }.contains("tensor 'blk.1.attn_norm.weight': is missing"))
    #expect(refusal { $0.set("attention.head_count_kv", .integer(3)) }.contains("is 3, which does not divide the 4"))
    #expect(
      refusal { $0.set("attention.head_count_kv", .integer(4)) }.contains("attn_k.weight': has the shape [16, 32]"))
    #expect(refusal { $0.set("attention.key_length", .integer(7)) }.contains("'llama.attention.key_length': is 7"))
    #expect(refusal { $0.set("rope.dimension_count", .integer(4)) }.contains("is 4, and heads of 8 dimensions"))
    #expect(refusal { $0.set("rope.freq_base", .number(.nan)) }.contains("must lie between"))
    #expect(refusal { $0.set("attention.layer_norm_rms_epsilon", .number(-1)) }.contains("must lie between"))
    #expect(
      refusal { $0.change("blk.0.attn_q.weight") { $0.shape = [32, 64] } }.contains(
        "tensor 'blk.0.attn_q.weight': has the shape [64, 32], and the configuration asks for [32, 32]"))
    #expect(
      refusal {
        $0.tokenizer.removeAll { $0.key == "tokenizer.ggml.eos_token_id" || $0.key == "tokenizer.ggml.tokens" }
      }
      .contains("key 'tokenizer.ggml.tokens': is missing"))
    #expect(
      refusal { file in
        file.tokenizer.removeAll { $0.key == "tokenizer.ggml.eos_token_id" }
        file.tokenizer.append(("tokenizer.ggml.eos_token_id", .integer(100)))
      }.contains("key 'tokenizer.ggml.eos_token_id': must be an integer from 0 to 99, not 100"))
  }
}
