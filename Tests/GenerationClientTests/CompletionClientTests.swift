import Foundation
import Generation
import GenerationClient
import HTTP
import ModelFiles
import TestFixtures
import Testing

@Suite struct CompletionClientTests {
  @Test func timesEveryChoiceByItself() throws {
    // The order in which vLLM tells of three outputs: 0, 0, 1, 2, then in turns.
    let order = [0, 0, 1, 2, 0, 1, 2, 1, 2]
    var seen = [0, 0, 0]
    let events = order.map { index in
      seen[index] += 1
      return Chunk.text(
        "\(index)\(seen[index])", index: index, ids: [index * 10 + seen[index]],
        finish: seen[index] == 3 ? "length" : nil)
    }
    let server = try FaultServer { _, _ in Chunk.stream(events + [Chunk.end(4, 9)]) }
    let outcome = try ClientFixture(server).outcome(ClientFixture.request(n: 3))
    #expect(outcome.status == .completed && outcome.attempts == 1 && outcome.counting == .ids)
    #expect(outcome.promptTokens == 4 && outcome.outputTokens == 9)
    #expect(outcome.choices.map(\.text) == ["010203", "111213", "212223"])
    for choice in outcome.choices {
      #expect(choice.tokens == 3 && choice.chunks == 3 && choice.gaps.count == 2 && choice.finishReason == "length")
      let (first, last) = (try #require(choice.firstToken), try #require(choice.lastToken))
      #expect(choice.finished == last && last - first == choice.gaps.reduce(0) { $0 + $1.nanoseconds })
    }
    let sent = try #require(outcome.sent)
    #expect(
      outcome.intended <= sent && sent < outcome.choices[0].firstToken! && outcome.choices[2].finished! <= outcome.ended
    )
  }

  @Test func takesNoRoleForAToken() throws {
    let server = try FaultServer { _, _ in
      Chunk.stream([
        Chunk.delta(#"{"role":"assistant","content":""}"#, index: 0),
        Chunk.delta(#"{"role":"assistant","content":""}"#, index: 1), Chunk.delta(#"{"content":"a"}"#, index: 1),
        Chunk.delta(#"{"reasoning_content":"b"}"#, index: 0),
        Chunk.delta(#"{"content":"c"}"#, index: 0, finish: "length"),
        Chunk.delta("{}", index: 1, finish: "stop"), Chunk.end(9, 4),
      ])
    }
    let outcome = try ClientFixture(server, preset: "openai").outcome(ClientFixture.request(n: 2, endpoint: .chat))
    #expect(outcome.status == .completed && outcome.counting == .usage)
    #expect(outcome.choices.map(\.text) == ["c", "a"])
    // The fourth token is the one that ended choice 1, with no text.
    #expect(outcome.choices.map(\.tokens) == [2, 2] && outcome.choices.map(\.chunks) == [2, 2])
    #expect(outcome.choices.map(\.gaps.count) == [1, 0])
    #expect(server.requests[0].path == "/v1/chat/completions")
  }

  @Test func seesThatAServerBundlesTokens() throws {
    let server = try FaultServer { _, _ in
      Chunk.stream([
        Chunk.text("ab", ids: [1, 2]), Chunk.text("", ids: []), Chunk.text("cde", ids: [3, 4, 5], finish: "length"),
      ])
    }
    let choice = try ClientFixture(server).outcome().choices[0]
    #expect(choice.tokens == 5 && choice.chunks == 2 && choice.gaps.map(\.tokens) == [3])
  }

  /// Events, tokens of the choices, and where their number comes from.
  @Test(arguments: [
    // vLLM without ids: usage so far, of the choice in the chunk.
    (
      "vllm",
      [
        Chunk.text("a", index: 0, usage: (5, 1)), Chunk.text("bc", index: 1, usage: (5, 2)),
        Chunk.text("", index: 0, usage: (5, 2)), Chunk.text("d", index: 0, finish: "length", usage: (5, 4)),
        Chunk.text("", index: 1, finish: "stop", usage: (5, 3)), Chunk.end(5, 7),
      ], [4, 3], TokenCounting.usage
    ),
    // A total of which each choice has its share.
    (
      "openai",
      [
        Chunk.text("a"), Chunk.text("b", index: 1), Chunk.text("c", finish: "length"),
        Chunk.text("d", index: 1), Chunk.text("e", index: 1), Chunk.text("f", index: 1, finish: "length"),
        Chunk.end(5, 12),
      ], [4, 8], .usage
    ),
    // TGI tells the total with the last chunk.
    ("tgi", [Chunk.text("a"), Chunk.text("b"), Chunk.text("", finish: "stop", usage: (5, 3))], [3], .usage),
    // llama.cpp tells of each choice by itself: in a completion with its last chunk, in a chat in one of its own.
    (
      "llama.cpp",
      [
        Chunk.text("a"), Chunk.text("b", index: 1), Chunk.text("c", index: 1),
        Chunk.text("", index: 1, finish: "stop", usage: (5, 3)),
        Chunk.text("", finish: "length", usage: (5, 1)),
      ], [1, 3], .usage
    ),
    (
      "llama.cpp",
      [
        Chunk.delta(#"{"content":"a"}"#), Chunk.delta("{}", finish: "stop"), Chunk.end(5, 2),
        Chunk.delta(#"{"content":"b"}"#, index: 1), Chunk.delta("{}", index: 1, finish: "stop"), Chunk.end(5, 2),
      ], [2, 2], .usage
    ),
    (
      "together",
      [
        #"{"choices":[{"index":0,"text":"a","delta":{"token_id":7,"content":"a"}}]}"#,
        #"{"choices":[{"index":0,"text":"","finish_reason":"eos","delta":{"token_id":2,"content":""}}],"usage":{"completion_tokens":2}}"#,
      ], [2], .ids
    ),
    ("openai", [Chunk.text("a"), Chunk.text("b", finish: "length")], [2], .chunks),
  ])
  func countsTokensByTheSurestThatIsTold(
    preset: String, events: [String], tokens: [Int], counting: TokenCounting
  ) throws {
    let server = try FaultServer { _, _ in Chunk.stream(events) }
    let outcome = try ClientFixture(server, preset: preset).outcome(ClientFixture.request(n: tokens.count))
    #expect(outcome.status == .completed)
    #expect(outcome.choices.map(\.tokens) == tokens && outcome.counting == counting)
  }

  @Test func readsWholeAnswers() throws {
    let answer = """
      {"choices":[{"index":1,"text":"b","finish_reason":"stop"},{"index":0,"message":{"content":"a"},"finish_reason":"length"}],
      "usage":{"prompt_tokens":5,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":4}}}
      """
    let server = try FaultServer { _, _ in [.answer(answer)] }
    let fixture = try ClientFixture(server, preset: "openai") { $0.streams = false }
    let outcome = try fixture.outcome(ClientFixture.request(n: 2))
    #expect(outcome.status == .completed && outcome.outputTokens == 9 && outcome.cachedPromptTokens == 4)
    #expect(outcome.choices.map(\.text) == ["a", "b"] && outcome.choices.map(\.finishReason) == ["length", "stop"])
    #expect(outcome.choices.allSatisfy { $0.firstToken == nil && $0.gaps.isEmpty && $0.finished != nil })
    #expect(!String(decoding: server.requests[0].body, as: UTF8.self).contains("stream"))
  }

  @Test func keepsConnections() throws {
    let server = try FaultServer { _, _ in Chunk.good }
    let fixture = try ClientFixture(server)
    for _ in 0..<5 { #expect(try fixture.outcome().status == .completed) }
    #expect(server.connections == 1 && server.requests.count == 5)
  }

  @Test func tellsOfProgress() throws {
    let server = try FaultServer { _, _ in Chunk.good }
    let fixture = try ClientFixture(server)
    var told: [String] = []
    var isDone = false
    fixture.client.send(ClientFixture.request(), intended: 0) {
      told.append("\($0.choice) \($0.tokens) \($0.ids) \($0.text) \($0.finishReason ?? "-")")
    } finished: { _ in
      isDone = true
    }
    try fixture.loop.run { isDone }
    #expect(told == ["0 1 [1]  a -", "0 1 [2]  b -", "0 1 [3]  c length"])
  }

  @Test func asksForModelsAndTokens() throws {
    let server = try FaultServer { request, _ in
      switch request.path {
      case "/v1/models": [.answer(#"{"object":"list","data":[{"id":"a","max_model_len":2048},{"id":"b"}]}"#)]
      case "/tokenize":
        switch String(decoding: request.body, as: UTF8.self) {
        case #"{"model":"m","prompt":"x y","add_special_tokens":false}"#: [.answer(#"{"count":2,"tokens":[7,8]}"#)]
        case #"{"inputs":"x y","add_special_tokens":false}"#: [.answer(#"[{"id":7,"text":"x"},{"id":8,"text":" y"}]"#)]
        case #"{"content":"x y","add_special":false}"#: [.answer(#"{"tokens":[7,8]}"#)]
        default: [.answer(status: 400, #"{"error":{"message":"what?"}}"#)]
        }
      default: [.answer(status: 404, "{}")]
      }
    }
    for preset in ["vllm", "tgi", "llama.cpp"] {
      let fixture = try ClientFixture(server, preset: preset)
      var tokens: [Int32]??
      var models: [ListedModel]?
      fixture.client.tokenize("x y") { tokens = try? $0.get() }
      fixture.client.models { models = try? $0.get() }
      try fixture.loop.run { tokens != nil && models != nil }
      #expect(tokens == [7, 8])
      #expect(models == [ListedModel(id: "a", maxModelLength: 2048), ListedModel(id: "b")])
    }
    let fixture = try ClientFixture(server, preset: "openai")
    var tokens: [Int32]?? = .none
    fixture.client.tokenize("x y") { tokens = try? $0.get() }
    try fixture.loop.run { tokens != nil }
    #expect(tokens == .some(nil))
  }

  /// Streams that vLLM 0.32.0 wrote: what the client counts is what the server's usage says.
  @Test func readsTheStreamsOfARealServer() throws {
    guard let folder = ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"] else {
      print("skipped: RAGMETER_REFERENCE names no folder of transcripts")
      return
    }
    let names = ["13_compl_stream_usage_continuous", "14_compl_n3_stream", "31_chat_stream_usage"]
    for (name, tokens) in zip(names, [[5], [8, 8, 8], [32]]) {
      let text = try String(contentsOfFile: "\(folder)/vllm/\(name).txt", encoding: .utf8)
      let head = try #require(text.firstRange(of: "\r\n\r\n"))
      let body = String(text[head.upperBound...])
      let server = try FaultServer { _, _ in [.streamHead, .chunk(body), .streamEnd] }
      let outcome = try ClientFixture(server).outcome(ClientFixture.request(n: tokens.count))
      #expect(outcome.status == .completed, "\(name)")
      #expect(outcome.choices.map(\.tokens) == tokens, "\(name)")
      #expect(outcome.choices.allSatisfy { $0.finishReason == "length" && $0.chunks > 0 && $0.firstToken != nil })
    }
  }
}
