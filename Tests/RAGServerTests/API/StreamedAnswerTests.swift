import Foundation
import Generation
import JSON
import RAGServer
import Testing
import Tokenizers

/// Chunks, their order and what they carry.
@Suite struct StreamedAnswerTests {
  private let model = ServedModel.scripted(["Hel", "lo", "\"\n", "", "é", "STOP", "</s>"], endTokens: [6])

  /// The text of a stream whose events come in steps; the answer is flushed behind each.
  private func stream(
    _ body: String, _ endpoint: GenerationCall.Endpoint = .completions, promptTokens: [[Int32]] = [[0, 1]],
    steps: [[(Int, GenerationEvent)]], end: APIError? = nil
  ) throws -> String {
    let call = try GenerationCall(body, endpoint, model: model)
    let id = endpoint == .chat ? "chatcmpl-7" : "cmpl-7"
    var answer = StreamedAnswer(call: call, model: model, promptTokens: promptTokens, id: id, created: 1_700_000_001)
    var text = ""
    var bytes: [UInt8] = []
    for step in steps {
      bytes.removeAll(keepingCapacity: true)
      for (prompt, event) in step { answer.take(event, ofPrompt: prompt, into: &bytes) }
      answer.flush(into: &bytes)
      text += String(decoding: bytes, as: UTF8.self)
    }
    bytes.removeAll(keepingCapacity: true)
    if let end { answer.fail(end, into: &bytes) } else { answer.close(into: &bytes) }
    return text + String(decoding: bytes, as: UTF8.self)
  }

  private func tokens(_ choice: Int, _ ids: [Int32], _ text: String? = nil) -> GenerationEvent {
    let text = text ?? ids.map { model.tokenizer.decode([$0], skipSpecialTokens: true) }.joined()
    return .tokens(choice: choice, ids: ids, text: text, logprobs: [])
  }

  private func expectGolden(_ text: String, _ name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Goldens/\(name)")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" { try Data(text.utf8).write(to: file) }
    #expect(
      text == (try String(contentsOf: file, encoding: .utf8)),
      "differs from Goldens/\(name); RECORD_SNAPSHOTS=1 rewrites it")
  }

  @Test func completionsWithTwoOutputs() throws {
    let text = try stream(
      #"{"prompt":"a","n":2,"stream":true,"stream_options":{"include_usage":true}}"#,
      steps: [
        [(0, tokens(0, [0])), (0, tokens(1, [2]))],
        [(0, tokens(0, [1])), (0, .finished(choice: 0, reason: .length)), (0, tokens(1, [4]))],
        [
          (0, tokens(1, [6], "")), (0, .finished(choice: 1, reason: .stop)),
          (0, .usage(promptTokens: 2, completionTokens: 5, cachedTokens: 1)),
        ],
      ])
    try expectGolden(text, "completions-n2-stream.txt")
  }

  @Test func chatWithContinuousUsageAndIDs() throws {
    let text = try stream(
      """
      {"messages":[{"role":"user","content":"a"}],"stream":true,"return_token_ids":true,
       "stream_options":{"include_usage":true,"continuous_usage_stats":true}}
      """, .chat,
      steps: [
        [(0, tokens(0, [0]))], [(0, tokens(0, [4], ""))], [(0, tokens(0, [4, 1]))],
        [(0, .finished(choice: 0, reason: .stop)), (0, .usage(promptTokens: 2, completionTokens: 4, cachedTokens: 0))],
      ])
    try expectGolden(text, "chat-ids-usage-stream.txt")
  }

  @Test func wholeAnswers() throws {
    let bodies: [(String, GenerationCall.Endpoint)] = [
      (#"{"prompt":["ab","c"],"n":2,"echo":true,"return_token_ids":true}"#, .completions),
      (#"{"messages":[{"role":"user","content":"a"}],"logprobs":true,"top_logprobs":1}"#, .chat),
    ]
    var text = ""
    for (body, endpoint) in bodies {
      let call = try GenerationCall(body, endpoint, model: model)
      let prompts = call.prompts.indices.map { [Int32($0), 4] }
      var answer = WholeAnswer(call: call, model: model, promptTokens: prompts, id: "x-7", created: 1_700_000_001)
      for prompt in call.prompts.indices {
        for choice in 0..<call.sampling.n {
          let logprob = TokenLogprob(token: 2, logprob: -0.5, top: [(4, -0.25)])
          answer.take(
            .tokens(choice: choice, ids: [2], text: "\"\n", logprobs: endpoint == .chat ? [logprob] : []),
            ofPrompt: prompt)
          answer.take(.finished(choice: choice, reason: .length), ofPrompt: prompt)
        }
        answer.take(.usage(promptTokens: 2, completionTokens: 1, cachedTokens: 1), ofPrompt: prompt)
      }
      text += String(decoding: answer.body(), as: UTF8.self) + "\n"
    }
    try expectGolden(text, "whole-answers.txt")
  }

  @Test func everyTokenIsAChunkThoughItsTextIsEmpty() throws {
    let text = try stream(
      #"{"prompt":"a","stream":true,"return_token_ids":true}"#,
      steps: [
        [(0, tokens(0, [4], ""))], [(0, tokens(0, [4], "é"))],
        [(0, tokens(0, [6], "")), (0, .finished(choice: 0, reason: .stop))],
      ])
    let choices = try serverSentEvents(text).compactMap { $0["choices"]?[0] }
    #expect(choices.map { $0["text"]?.string } == ["", "é", ""])
    #expect(choices.map { $0["token_ids"]?.array?.count } == [1, 1, 1])
    #expect(choices.map { $0["finish_reason"]?.string } == [nil, nil, "stop"])
    #expect(choices.map { $0["prompt_token_ids"]?.array?.count } == [2, nil, nil])
  }

  @Test func aFinishThatComesAloneHasAChunkOfItsOwn() throws {
    let text = try stream(
      #"{"prompt":"a","n":2,"stream":true}"#,
      steps: [[(0, tokens(0, [0])), (0, tokens(1, [0]))], [(0, .finished(choice: 0, reason: .cancelled))]])
    let choices = try serverSentEvents(text).compactMap { $0["choices"]?[0] }
    #expect(choices.map { $0["index"]?.integer } == [0, 1, 0])
    #expect(choices.map { $0["finish_reason"]?.string } == [nil, nil, "abort"])
    #expect(choices.last?["text"]?.string == "")
  }

  @Test func outputsOfSeveralPromptsAreNumberedOn() throws {
    let text = try stream(
      #"{"prompt":["a","b"],"n":2,"stream":true,"stream_options":{"include_usage":true}}"#,
      promptTokens: [[0], [0, 1, 2]],
      steps: [
        [(1, tokens(0, [0])), (0, tokens(1, [0])), (1, tokens(1, [0, 1]))],
        [
          (0, .usage(promptTokens: 1, completionTokens: 1, cachedTokens: 0)),
          (1, .usage(promptTokens: 3, completionTokens: 3, cachedTokens: 2)),
        ],
      ])
    let events = try serverSentEvents(text)
    #expect(events.compactMap { $0["choices"]?[0]?["index"]?.integer } == [2, 1, 3])
    #expect(events.last?["usage"]?["prompt_tokens"]?.integer == 4)
    #expect(events.last?["usage"]?["completion_tokens"]?.integer == 4)
    #expect(events.last?["usage"]?["prompt_tokens_details"]?["cached_tokens"]?.integer == 2)
  }

  @Test func echoesStandBeforeTheFirstTextOnly() throws {
    let text = try stream(
      #"{"prompt":"Oh: ","stream":true,"echo":true}"#, steps: [[(0, tokens(0, [0]))], [(0, tokens(0, [1]))]])
    #expect(try serverSentEvents(text).compactMap { $0["choices"]?[0]?["text"]?.string } == ["Oh: Hel", "lo"])
  }

  @Test func errorsInsideAStreamAreItsLastEvent() throws {
    let text = try stream(
      #"{"prompt":"a","stream":true}"#, steps: [[(0, tokens(0, [0]))]], end: .internalError("the engine \"fell\""))
    let events = try serverSentEvents(text)
    #expect(events.count == 2)
    #expect(events.last?["error"]?["message"]?.string == "the engine \"fell\"")
    #expect(events.last?["error"]?["code"]?.integer == 500)
  }

  @Test(
    arguments: [
      (#""stop_token_ids":[4]"#, [0, 4], JSONValue.integer(4)), (#""stop":"STOP""#, [0, 5], .string("STOP")),
      (#""stop":["lo","STOP","oS"]"#, [0, 1], .string("lo")), (#""stop":["STOP","oS"]"#, [0, 1, 5], .string("oS")),
      (#""stop":["STOP"]"#, [0, 6], .null),
    ] as [(String, [Int32], JSONValue)])
  func whatEndedAnOutputIsTold(fields: String, ids: [Int32], cause: JSONValue) throws {
    let last = ids.count - 1
    let steps = ids.indices.map { place -> [(Int, GenerationEvent)] in
      [(0, tokens(0, [ids[place]], ""))] + (place == last ? [(0, .finished(choice: 0, reason: .stop))] : [])
    }
    let text = try stream(#"{"prompt":"a","stream":true,\#(fields)}"#, steps: steps)
    #expect(try serverSentEvents(text).last?["choices"]?[0]?["stop_reason"] == cause)
  }
}
