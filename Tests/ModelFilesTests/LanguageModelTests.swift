import Foundation
import JSON
import ModelFiles
import TestFixtures
import Testing
import Tokenizers

@Suite struct LanguageModelTests {
  @Test(.enabled(if: Real.folder("smollm2-135m") != nil, "needs smollm2-135m in the cache"))
  func smolLM2IsWhatItsCardSays() throws {
    let model = try LanguageModel.open(#require(Real.folder("smollm2-135m")))
    let shape = model.weights.configuration
    #expect(
      shape
        == LlamaConfiguration(
          hiddenSize: 576, layers: 30, heads: 9, keyValueHeads: 3, headDimension: 64, intermediateSize: 1536,
          vocabularySize: 49152, maximumPositions: 8192, normEpsilon: 1e-5,
          rotary: .init(base: 100_000, pairs: .interleaved), hasAttentionBias: false, tiesEmbeddings: true))
    let summary = try ModelSummary(#require(Real.folder("smollm2-135m")))
    #expect(summary.architecture == "llama" && summary.keyValueHeads == 3 && summary.maximumTokens == 8192)
    #expect(summary.types == ["F32": 61, "Q4_1": 210, "Q8_0": 1] && summary.parameters == 134_515_008)
    #expect(model.name == "smollm2-135m" && model.contextLength == 8192 && model.endTokens == [0, 2])
    let head = try model.weights.matrix(.output)
    #expect(head.rows == 49152 && head.columns == 576 && head.type.name == "Q8_0")
    let down = try model.weights.matrix(.layer(29, .down))
    #expect(down.rows == 576 && down.columns == 1536 && down.type.name == "Q4_1")
    var row = [Float](repeating: 0, count: 1536)
    try row.withUnsafeMutableBufferPointer { try down.dequantize(rows: 575..<576, into: $0) }
    let before = row
    down.releaseMemory()
    try row.withUnsafeMutableBufferPointer { try down.dequantize(rows: 575..<576, into: $0) }
    #expect(row == before && row.contains { $0 != 0 })
    #expect(try model.weights.vector(.outputNorm).count == 576)
    #expect(failure { _ = try model.weights.matrix(.layer(30, .down)) }?.contains("30 layers") == true)
  }

  @Test(.enabled(if: Real.hasSmolLM2, "needs smollm2-135m in the cache and RAGMETER_REFERENCE"))
  func smolLM2sConversationsAreLaidOutAsItsOwnTemplateSays() throws {
    let model = try LanguageModel.open(#require(Real.folder("smollm2-135m")))
    let template = try #require(model.chatTemplate)
    let reference = try #require(Real.reference("smollm2"))
    let talk = [("system", "You are terse."), ("user", "hi"), ("assistant", "hello"), ("user", "bye")]
    let text = try template.render(talk.map { ChatMessage(role: $0, content: $1) }, addGenerationPrompt: true)
    #expect(text == reference["chat_template_example"]?.string)
    var chats = 0
    for item in try #require(reference["greedy"]?.array) where item["kind"]?.string == "chat" {
      let question = ChatMessage(role: "user", content: try #require(item["user"]?.string))
      let prompt = try template.render([question], addGenerationPrompt: true)
      #expect(prompt == item["prompt"]?.string)
      let ids = try #require(item["prompt_ids"]?.array).compactMap(\.integer).map { Int32($0) }
      #expect(model.tokenizer.encode(prompt, addSpecialTokens: false).ids == ids)
      chats += 1
    }
    #expect(chats == 3)
  }
}
