import Embedders
import Foundation
import Generation
import JSON
import RAGServer
import Testing

/// Embeddings, and texts to ids and back.
@Suite struct OtherCallTests {
  private let embedder = ServedEmbedder(
    name: "minilm", dimension: 2, maximumTokens: 4, tokenizer: PieceTokenizer(["a", "b"], vocabularySize: 2))
  private let batch = EmbeddingBatch(
    dimension: 2, values: [0.5, -1, 0.1, 2], tokens: [3, 4], truncatedTokens: [0, 0])

  private func call(_ body: String, _ embedder: ServedEmbedder? = nil) throws -> EmbeddingsCall {
    try Array(body.utf8).withUnsafeBytes { try EmbeddingsCall(body: $0, embedder: embedder ?? self.embedder) }
  }

  private func answer(_ call: EmbeddingsCall) throws -> JSONValue {
    try JSONValue.parse(String(decoding: call.answer(batch, id: "embd-1", created: 1), as: UTF8.self))
  }

  @Test func inputsComeInFourForms() throws {
    #expect(try call(#"{"input":"x"}"#).inputs == ["x"])
    #expect(try call(#"{"input":["x","y"],"model":"minilm"}"#).inputs == ["x", "y"])
    #expect(try call(#"{"input":[0,1]}"#).inputs == ["ab"])
    #expect(try call(#"{"input":[[0],[1,1]]}"#).inputs == ["a", "bb"])
  }

  @Test(
    arguments: [
      (#"{"input":"x","model":"other"}"#, 404, "model"), (#"{"input":""}"#, 400, "input"), ("{}", 400, "input"),
      (#"{"input":[2]}"#, 400, nil), (#"{"input":"x","encoding_format":"hex"}"#, 400, "body.encoding_format"),
      (#"{"input":"x","dimensions":1}"#, 400, "dimensions"), (#"{"input":{}}"#, 400, "body.input"),
    ] as [(String, Int, String?)])
  func wrongBodiesAreRefused(body: String, status: Int, parameter: String?) throws {
    do {
      _ = try call(body)
      Issue.record("\(body) was read")
    } catch let error as APIError {
      #expect(error.status == status)
      #expect(error.parameter == parameter)
    }
  }

  @Test func idsNeedATokenizer() {
    let mute = ServedEmbedder(name: "hashing", dimension: 2, maximumTokens: nil, tokenizer: nil)
    #expect(throws: APIError.self) { try call(#"{"input":[0]}"#, mute) }
  }

  @Test func vectorsComeAsNumbersAndAsBytes() throws {
    let numbers = try answer(call(#"{"input":["x","y"]}"#))
    #expect(numbers["object"]?.string == "list")
    #expect(numbers["data"]?[1]?["index"]?.integer == 1)
    #expect(numbers["data"]?[1]?["embedding"]?.array?.map { Float($0.number ?? 0) } == [0.1, 2])
    #expect(numbers["usage"]?["prompt_tokens"]?.integer == 7)
    #expect(numbers["usage"]?["total_tokens"]?.integer == 7)
    let bytes = try answer(call(#"{"input":["x","y"],"encoding_format":"base64"}"#))
    let data = try #require(bytes["data"]?[0]?["embedding"]?.string.flatMap { Data(base64Encoded: $0) })
    #expect(data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) } == [0.5, -1])
  }

  @Test func inputsThatWereCutAreRefused() throws {
    var cut = batch
    cut.truncatedTokens = [0, 2]
    do {
      _ = try call(#"{"input":["x","y"]}"#).answer(cut, id: "e", created: 1)
      Issue.record("an embedding of half a text was given")
    } catch let error as APIError {
      #expect(error.status == 400)
      #expect(error.message.contains("input 1 has 2 tokens more"))
    }
  }

  @Test func textsBecomeIDsAndBack() throws {
    let model = ServedModel.scripted(["a", "b\""])
    func tokenize(_ body: String) throws -> TokenizeCall {
      try Array(body.utf8).withUnsafeBytes { try TokenizeCall(body: $0, model: model) }
    }
    let text = try tokenize(#"{"prompt":"ab","add_special_tokens":false,"return_token_strs":true}"#)
    #expect(text.prompt == .text("ab"))
    #expect(!text.addsSpecialTokens)
    #expect(
      String(decoding: text.answer([0, 1], model: model), as: UTF8.self)
        == #"{"count":2,"max_model_len":2048,"tokens":[0,1],"token_strs":["a","b\""]}"#)
    #expect(
      String(decoding: text.answer([], model: model), as: UTF8.self)
        == #"{"count":0,"max_model_len":2048,"tokens":[],"token_strs":[]}"#)
    let chat = try tokenize(#"{"messages":[{"role":"user","content":"a"}],"add_generation_prompt":false}"#)
    #expect(!chat.addsGenerationPrompt && !chat.returnsTexts)
    #expect(throws: APIError.self) { try tokenize("{}") }
    let back = try Array(#"{"tokens":[1,0]}"#.utf8).withUnsafeBytes { try DetokenizeCall(body: $0, model: model) }
    #expect(String(decoding: back.answer(model: model), as: UTF8.self) == #"{"prompt":"b\"a"}"#)
  }

  @Test func errorsAreOpenAIsJSON() throws {
    let error = APIError.tooManyRequests("full", retryAfter: 2)
    #expect(error.retryAfter == 2)
    #expect(
      String(decoding: error.body, as: UTF8.self)
        == #"{"error":{"message":"full","type":"RateLimitError","param":null,"code":429}}"#)
  }
}
