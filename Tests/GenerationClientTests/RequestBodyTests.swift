import Generation
import GenerationClient
import ModelFiles
import Testing

@Suite struct RequestBodyTests {
  /// Everything that a request can ask for.
  static var sampling: SamplingParameters {
    var sampling = SamplingParameters()
    sampling.temperature = 0.7
    sampling.topP = 0.9
    sampling.topK = 40
    sampling.minP = 0.05
    sampling.repetitionPenalty = 1.1
    sampling.presencePenalty = 0.5
    sampling.frequencyPenalty = -0.5
    sampling.logitBias = [7: -100, 3: 1.5]
    sampling.seed = 42
    sampling.n = 2
    sampling.bestOf = 3
    sampling.maxTokens = 128
    sampling.minTokens = 16
    sampling.stopStrings = ["\n\n", "\"END\""]
    sampling.stopTokens = [2]
    sampling.ignoreEOS = true
    sampling.logprobs = 1
    return sampling
  }

  static func body(_ preset: String, _ request: ClientRequest, streams: Bool = true) throws -> RequestBody {
    try RequestBody(request, server: ServerProfile(url: nil, preset: preset), model: "m", streams: streams)
  }

  static let start = #"{"model":"m","prompt":"a \"b\"\n","max_tokens":128,"temperature":0.7,"top_p":0.9,"#
  static let all =
    start
    + #""n":2,"best_of":3,"seed":42,"top_k":40,"min_p":0.05,"repetition_penalty":1.1,"presence_penalty":0.5,"frequency_penalty":-0.5,"logit_bias":{"3":1.5,"7":-100.0},"logprobs":1,"min_tokens":16,"ignore_eos":true,"stop":["\n\n","\"END\""],"stop_token_ids":[2],"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true}"#
  static let openAI =
    start
    + #""n":2,"best_of":3,"seed":42,"presence_penalty":0.5,"frequency_penalty":-0.5,"logit_bias":{"3":1.5,"7":-100.0},"logprobs":1,"stop":["\n\n","\"END\""],"stream":true,"stream_options":{"include_usage":true}}"#

  @Test(arguments: [
    ("ragmeter", all + #","return_token_ids":true}"#, []),
    ("vllm", all.replacing(#""best_of":3,"#, with: "") + #","return_token_ids":true}"#, ["best_of"]),
    ("sglang", all.replacing(#""best_of":3,"#, with: "") + "}", ["best_of"]),
    (
      "tgi",
      start
        + #""seed":42,"repetition_penalty":1.1,"frequency_penalty":-0.5,"stop":["\n\n","\"END\""],"stream":true,"stream_options":{"include_usage":true}}"#,
      [
        "n", "best_of", "top_k", "min_p", "presence_penalty", "logit_bias", "logprobs", "min_tokens", "ignore_eos",
        "stop_token_ids",
      ]
    ),
    (
      "llama.cpp",
      start
        + #""n":2,"seed":42,"top_k":40,"min_p":0.05,"repeat_penalty":1.1,"presence_penalty":0.5,"frequency_penalty":-0.5,"logit_bias":{"3":1.5,"7":-100.0},"logprobs":1,"ignore_eos":true,"stop":["\n\n","\"END\""],"stream":true,"stream_options":{"include_usage":true}}"#,
      ["best_of", "min_tokens", "stop_token_ids"]
    ),
    ("llama-stack", openAI, ["top_k", "min_p", "repetition_penalty", "min_tokens", "ignore_eos", "stop_token_ids"]),
    ("openai", openAI, ["top_k", "min_p", "repetition_penalty", "min_tokens", "ignore_eos", "stop_token_ids"]),
    ("lepton", openAI, ["top_k", "min_p", "repetition_penalty", "min_tokens", "ignore_eos", "stop_token_ids"]),
    (
      "together",
      start
        + #""n":2,"seed":42,"top_k":40,"min_p":0.05,"repetition_penalty":1.1,"presence_penalty":0.5,"frequency_penalty":-0.5,"logit_bias":{"3":1.5,"7":-100.0},"logprobs":1,"stop":["\n\n","\"END\""],"stream":true}"#,
      ["best_of", "min_tokens", "ignore_eos", "stop_token_ids"]
    ),
  ])
  func asksEveryServerForWhatItTakes(preset: String, expected: String, omitted: [String]) throws {
    let request = ClientRequest(prompt: .text("a \"b\"\n"), sampling: Self.sampling, endpoint: .completions)
    let body = try Self.body(preset, request)
    #expect(String(decoding: body.bytes, as: UTF8.self) == expected)
    #expect(body.omitted == omitted)
  }

  @Test func putsChats() throws {
    var sampling = SamplingParameters()
    sampling.maxTokens = 8
    sampling.temperature = 0
    sampling.logprobs = 2
    let messages = [ChatMessage(role: "system", content: "Be\tbrief."), ChatMessage(role: "user", content: "Hi 🙂")]
    let chat = ClientRequest(prompt: .messages(messages), sampling: sampling, endpoint: .chat)
    #expect(
      String(decoding: try Self.body("openai", chat, streams: false).bytes, as: UTF8.self)
        == #"{"model":"m","messages":[{"role":"system","content":"Be\tbrief."},{"role":"user","content":"Hi 🙂"}],"max_completion_tokens":8,"temperature":0,"logprobs":true,"top_logprobs":2}"#
    )
    let text = ClientRequest(prompt: .text("Hi"), sampling: SamplingParameters(), endpoint: .chat)
    #expect(
      String(decoding: try Self.body("vllm", text, streams: false).bytes, as: UTF8.self)
        == #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"temperature":1,"return_token_ids":true}"#)
  }

  @Test func putsTokens() throws {
    let request = ClientRequest(prompt: .tokens([1, 2, 3]), sampling: SamplingParameters(), endpoint: .completions)
    #expect(
      String(decoding: try Self.body("llama.cpp", request, streams: false).bytes, as: UTF8.self)
        == #"{"model":"m","prompt":[1,2,3],"temperature":1}"#)
    #expect(throws: ClientError("tgi takes no prompt of token ids; give it the text")) {
      try Self.body("tgi", request)
    }
  }
}
