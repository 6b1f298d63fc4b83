import Generation
import JSON
import RAGServer
import Testing

/// Answers to the requests of the transcripts, beside vLLM's: the same events are told again as our engine would tell them.
@Suite(.enabled(if: Transcript.isPresent, "skipped: RAGMETER_REFERENCE is not set"))
struct VLLMAnswerTests {
  /// What vLLM has and nobody but vLLM: its transfers of KV, experts, and fields that are always null.
  private static let vLLMsOwn: Set<String> = [
    "kv_transfer_params", "ec_transfer_params", "metrics", "routed_experts", "prompt_logprobs", "service_tier",
    "annotations", "audio", "function_call", "reasoning", "prompt_text",
  ]
  /// What OpenAI's streams have at every choice, and vLLM's at the last chunk only.
  private static let alwaysHere: Set<String> = ["stop_reason"]

  private func expectKeys(_ ours: JSONValue?, _ theirs: JSONValue?, _ name: String) {
    let difference = (theirs?.keys ?? []).symmetricDifference(ours?.keys ?? [])
    #expect(difference.subtracting(Self.vLLMsOwn).subtracting(Self.alwaysHere) == [], "\(name)")
  }

  /// The ids are made up where vLLM did not tell them: one for each text.
  private struct Script {
    var pieces: [String] = []

    mutating func id(_ text: String) -> Int32 {
      if let known = pieces.firstIndex(of: text) { return Int32(known) }
      pieces.append(text)
      return Int32(pieces.count - 1)
    }

    /// Of one choice of a completion, as vLLM says it.
    mutating func logprobs(_ lists: JSONValue?) -> [TokenLogprob] {
      let tokens = lists?["tokens"]?.array ?? []
      return tokens.indices.map { place in
        let top = lists?["top_logprobs"]?[place]?.object ?? []
        return TokenLogprob(
          token: id(tokens[place].string ?? ""),
          logprob: Float(lists?["token_logprobs"]?[place]?.number ?? 0),
          top: top.map { (id($0.name), Float($0.value.number ?? 0)) })
      }
    }

    mutating func logprobs(chat: JSONValue?) -> [TokenLogprob] {
      (chat?["content"]?.array ?? []).map { token in
        TokenLogprob(
          token: id(token["token"]?.string ?? ""), logprob: Float(token["logprob"]?.number ?? 0),
          top: (token["top_logprobs"]?.array ?? []).map {
            (id($0["token"]?.string ?? ""), Float($0["logprob"]?.number ?? 0))
          })
      }
    }
  }

  private static func isClose(_ ours: JSONValue?, _ theirs: JSONValue?) -> Bool {
    switch (ours, theirs) {
    case (.array(let ours), .array(let theirs)):
      ours.count == theirs.count && zip(ours, theirs).allSatisfy { isClose($0, $1) }
    case (.object(let ours), .object(let theirs)):
      ours.count == theirs.count && zip(ours, theirs).allSatisfy { $0.name == $1.name && isClose($0.value, $1.value) }
    case (.number(let ours), .number(let theirs)): Float(ours) == Float(theirs)
    default: ours == theirs
    }
  }

  @Test(arguments: [
    "11_compl_stream", "13_compl_stream_usage_continuous", "14_compl_n3_stream", "21_compl_stream_logprobs",
    "31_chat_stream_usage", "34_chat_max1",
  ])
  func streamsHaveVLLMsChunks(name: String) throws {
    let transcript = try Transcript(name)
    let theirs = try transcript.events()
    let isChat = transcript.endpoint == .chat
    var script = Script()
    var events: [GenerationEvent] = []
    for event in theirs {
      guard let choice = event["choices"]?[0], let index = choice["index"]?.integer else { continue }
      if choice["delta"]?["role"] != nil { continue }
      let text = (isChat ? choice["delta"]?["content"] : choice["text"])?.string ?? ""
      let logprobs = script.logprobs(choice["logprobs"])
      events.append(.tokens(choice: index, ids: [script.id(text)], text: text, logprobs: logprobs))
      if let reason = choice["finish_reason"]?.string.flatMap(FinishReason.init) {
        events.append(.finished(choice: index, reason: reason))
      }
    }
    let model = ServedModel.scripted(script.pieces)
    let call = try GenerationCall(#require(transcript.request), transcript.endpoint, model: model)
    let prompt = theirs.last?["usage"]?["prompt_tokens"]?.integer ?? 5
    events.append(.usage(promptTokens: prompt, completionTokens: events.count, cachedTokens: 0))
    var answer = StreamedAnswer(
      call: call, model: model, promptTokens: [Array(repeating: 0, count: prompt)], id: "cmpl-1", created: 1)
    var bytes: [UInt8] = []
    for event in events { answer.take(event, ofPrompt: 0, into: &bytes) }
    #expect(answer.isComplete)
    answer.close(into: &bytes)

    let ours = try serverSentEvents(String(decoding: bytes, as: UTF8.self))
    #expect(ours.count == theirs.count)
    for (our, their) in zip(ours, theirs) {
      expectKeys(our, their, name)
      #expect(our["object"] == their["object"])
      #expect(our["choices"]?.array?.count == their["choices"]?.array?.count)
      let (choice, theirChoice) = (our["choices"]?[0], their["choices"]?[0])
      expectKeys(choice, theirChoice, name)
      for field in ["index", "text", "delta", "finish_reason", "token_ids"] {
        #expect(choice?[field] == theirChoice?[field], "\(field)")
      }
      #expect(Self.isClose(choice?["logprobs"], theirChoice?["logprobs"]))
      for field in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        #expect(our["usage"]?[field] == their["usage"]?[field], "\(field)")
      }
    }
  }

  @Test(arguments: [
    "10_compl", "15_compl_n3", "17_compl_two_prompts", "18_compl_tokenids", "19_compl_logprobs", "22_compl_bestof",
    "30_chat", "33_chat_logprobs", "55_unknown_field", "59_no_model",
  ])
  func wholeAnswersHaveVLLMsForm(name: String) throws {
    let transcript = try Transcript(name)
    let theirs = try transcript.json()
    let choices = try #require(theirs["choices"]?.array)
    let isChat = transcript.endpoint == .chat
    var script = Script()
    let logprobs = choices.map {
      isChat ? script.logprobs(chat: $0["logprobs"]) : script.logprobs($0["logprobs"])
    }
    let model = ServedModel.scripted(script.pieces)
    let call = try GenerationCall(#require(transcript.request), transcript.endpoint, model: model)
    let prompts = call.prompts.count
    let promptTokens = try #require(theirs["usage"]?["prompt_tokens"]?.integer)
    let tokens: [[Int32]] = (0..<prompts).map { prompt in
      if case .tokens(let ids) = call.prompts[prompt] { return ids }
      return Array(repeating: 0, count: prompt == 0 ? promptTokens - (prompts - 1) : 1)
    }
    let completion = try #require(theirs["usage"]?["completion_tokens"]?.integer) / choices.count
    var answer = WholeAnswer(call: call, model: model, promptTokens: tokens, id: "cmpl-1", created: 1)
    for (place, choice) in choices.enumerated() {
      let text = (isChat ? choice["message"]?["content"] : choice["text"])?.string ?? ""
      let ids =
        choice["token_ids"]?.array?.compactMap { $0.integer.map(Int32.init) } ?? Array(repeating: 9, count: completion)
      let index = place % call.sampling.n
      let prompt = place / call.sampling.n
      answer.take(.tokens(choice: index, ids: ids, text: text, logprobs: logprobs[place]), ofPrompt: prompt)
      let reason = try #require(choice["finish_reason"]?.string.flatMap(FinishReason.init))
      answer.take(.finished(choice: index, reason: reason), ofPrompt: prompt)
    }
    for prompt in 0..<prompts {
      #expect(!answer.isComplete)
      answer.take(.usage(promptTokens: 0, completionTokens: 0, cachedTokens: 0), ofPrompt: prompt)
    }
    #expect(answer.isComplete)

    let ours = try JSONValue.parse(String(decoding: answer.body(), as: UTF8.self))
    expectKeys(ours, theirs, name)
    #expect(ours["object"] == theirs["object"])
    for field in ["prompt_tokens", "completion_tokens", "total_tokens"] {
      #expect(ours["usage"]?[field] == theirs["usage"]?[field])
    }
    #expect(ours["choices"]?.array?.count == choices.count)
    for (our, their) in zip(ours["choices"]?.array ?? [], choices) {
      expectKeys(our, their, name)
      expectKeys(our["message"], their["message"], name)
      for field in ["index", "text", "finish_reason", "stop_reason", "token_ids", "prompt_token_ids"] {
        #expect(our[field] == their[field], "\(field)")
      }
      #expect(our["message"]?["content"] == their["message"]?["content"])
      #expect(Self.isClose(our["logprobs"], their["logprobs"]))
    }
  }

  @Test func otherAnswersHaveVLLMsFields() throws {
    let theirs = try Transcript("01_models").json()
    let listing = ModelListing([.init(name: "smollm2", maximumLength: 2048, provider: "ragmeter", created: 1)])
    let ours = try JSONValue.parse(String(decoding: listing.body, as: UTF8.self))
    #expect(ours.keys == theirs.keys)
    let fields = try #require(theirs["data"]?[0]?.keys.subtracting(["permission"]))
    #expect(ours["data"]?[0]?.keys.isSuperset(of: fields) == true)
    let version = try JSONValue.parse(String(decoding: ServedModel.versionBody("1"), as: UTF8.self))
    #expect(version.keys == (try Transcript("03_version").json().keys))
    let text = try Transcript("61_detokenize")
    let body = Array(try #require(text.request).utf8)
    let model = ServedModel.scripted(["The", " capital", " of"])
    let call = try body.withUnsafeBytes { try DetokenizeCall(body: $0, model: model) }
    #expect(call.ids == [504, 3575, 282])
    let answer = try JSONValue.parse(String(decoding: call.answer(model: model), as: UTF8.self))
    #expect(answer.keys == (try text.json().keys))
  }
}
