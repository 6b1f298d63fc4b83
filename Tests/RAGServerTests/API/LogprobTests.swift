import Generation
import JSON
import RAGServer
import Testing

/// Log probabilities where texts and numbers are not the usual ones.
@Suite struct LogprobTests {
  @Test func offsetsCountScalarsAndEqualTextsComeOnce() throws {
    let model = ServedModel.scripted(["é", "é", "x"])
    let call = try GenerationCall(#"{"prompt":"a","logprobs":3}"#, model: model)
    var answer = WholeAnswer(call: call, model: model, promptTokens: [[0]], id: "x", created: 1)
    for step in [
      TokenLogprob(token: 0, logprob: -1, top: [(1, -0.5), (0, -1), (2, -2)]),
      TokenLogprob(token: 2, logprob: -.infinity, top: [(0, -0.5), (1, -0.5), (2, -.infinity)]),
    ] {
      answer.take(.tokens(choice: 0, ids: [step.token], text: "", logprobs: [step]), ofPrompt: 0)
    }
    let logprobs = try #require(
      try JSONValue.parse(String(decoding: answer.body(), as: UTF8.self))["choices"]?[0]?["logprobs"])
    #expect(logprobs["text_offset"] == .array([.integer(0), .integer(1)]))
    #expect(logprobs["token_logprobs"]?[1]?.number == -9999)
    #expect(logprobs["top_logprobs"]?[0]?.object?.map(\.name) == ["é", "x"])
    #expect(logprobs["top_logprobs"]?[1]?.object?.map(\.name) == ["x", "é"])
  }

  @Test func tokensAreNamedByIDWhereThatIsAskedFor() throws {
    let model = ServedModel.scripted(["é", "é"])
    let call = try GenerationCall(
      #"{"prompt":"a","logprobs":2,"return_tokens_as_token_ids":true}"#, model: model)
    var answer = WholeAnswer(call: call, model: model, promptTokens: [[0]], id: "x", created: 1)
    let logprob = TokenLogprob(token: 1, logprob: -1, top: [(0, -0.5), (1, -1)])
    answer.take(.tokens(choice: 0, ids: [1], text: "é", logprobs: [logprob]), ofPrompt: 0)
    let logprobs = try #require(
      try JSONValue.parse(String(decoding: answer.body(), as: UTF8.self))["choices"]?[0]?["logprobs"])
    #expect(logprobs["tokens"] == .array([.string("token_id:1")]))
    #expect(logprobs["top_logprobs"]?[0]?.object?.map(\.name) == ["token_id:1", "token_id:0"])
  }
}
