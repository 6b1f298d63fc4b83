import Foundation
import Generation
import ModelFiles
import RAGPipeline
import Synchronization
import TestFixtures
import Testing
import VectorStores

@Suite struct AgentTests {
  /// 1, 2, 3, ….
  static func clock() -> @Sendable () -> UInt64 {
    let ticks = Ticks()
    return { ticks.next() }
  }

  private final class Ticks: Sendable {
    private let count = Mutex<UInt64>(0)
    func next() -> UInt64 {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  static func agent(
    _ fixture: AgentFixture, _ adjust: (inout LlamaStackAgent.Options) -> Void = { _ in }
  ) throws -> LlamaStackAgent {
    var options = LlamaStackAgent.Options()
    adjust(&options)
    return try LlamaStackAgent(server: fixture.llama(), databases: ["faq"], options: options, now: clock())
  }

  @Test func answersAQuestion() async throws {
    let fixture = try AgentFixture(events: TurnEvent.whole)
    let agent = try Self.agent(fixture) {
      $0.limit = 2
      $0.sampling.temperature = 0.5
      $0.sampling.topP = 0.75
      $0.sampling.maxTokens = 7
    }
    var told: [String] = []
    let answer = try await agent.answer("What is \"LoRA\"?", history: []) { event in
      switch event {
      case .toolCall(let query): told.append("call \(query)")
      case .prepared(let prepared): told.append("prepared \(prepared.passages.map(\.document))")
      case .generation(.tokens(_, _, let text, _)): told.append(text)
      case .generation(.finished(_, let reason)): told.append("\(reason)")
      case .generation(.usage(_, let tokens, _)): told.append("\(tokens)")
      }
    }
    #expect(told == ["call lora rank", "prepared [\"guide\", \"faq\"]", "Low ", "rank.", "stop", "2"])
    #expect(answer.choices.map(\.text) == ["Low rank."] && answer.completionTokens == 2)
    #expect(answer.context.question == "What is \"LoRA\"?" && answer.context.query == "lora rank")
    #expect(answer.context.sources.map(\.source) == ["guide", "faq"])
    #expect(answer.context.plan?.text == #"{"query": "lora rank"}"#)
    #expect(answer.spans.map(\.stage) == [.plan, .search, .firstToken, .decode])
    #expect(zip(answer.spans, answer.spans.dropFirst()).allSatisfy { $0.end == $1.start && $0.start <= $0.end })
    #expect(answer.spans[0].start == 1 && answer.choices[0].firstToken == answer.spans[2].end)

    try agent.close()
    #expect(
      fixture.asked == [
        "GET /v1/models", "GET /v1/vector-dbs", "POST /v1/agents", "POST /v1/agents/agent/session",
        "POST /v1/agents/agent/session/session/turn", "DELETE /v1/agents/agent/session/session",
        "DELETE /v1/agents/agent",
      ])
    let configuration = try #require(try fixture.body("/v1/agents")?["agent_config"])
    #expect(configuration["model"] == .string("llama") && configuration["enable_session_persistence"] == .bool(false))
    let tool = try #require(configuration["toolgroups"]?.array?.first)
    #expect(tool["name"] == .string("builtin::rag") && tool["args"]?["vector_db_ids"] == .array([.string("faq")]))
    #expect(tool["args"]?["query_config"]?["max_chunks"] == .integer(2))
    let sampling = try #require(configuration["sampling_params"])
    #expect(sampling["max_tokens"] == .integer(7))
    #expect(
      sampling["strategy"]
        == .object(["type": .string("top_p"), "temperature": .number(0.5), "top_p": .number(0.75)]))
    let turn = try #require(try fixture.body("/v1/agents/agent/session/session/turn"))
    #expect(turn["stream"] == .bool(true) && turn["messages"]?.array?.count == 1)
    #expect(turn["messages"]?.array?[0]["content"] == .string("What is \"LoRA\"?"))
  }

  /// A model that searches nothing answers from what it knows, and has no sources.
  @Test func answersWithoutASearch() async throws {
    let fixture = try AgentFixture(events: [
      TurnEvent.start("inference", "a"), TurnEvent.text("Hi.", "a"), TurnEvent.inferred("Hi.", "a"),
      TurnEvent.turnComplete("Hi."),
    ])
    let agent = try Self.agent(fixture) { $0.sampling.temperature = 0 }
    let session = try await agent.beginSession(named: "s")
    let (answer, turn) = try await agent.turn("Hello", in: session)
    #expect(answer.choices[0].text == "Hi." && answer.context.passages.isEmpty && answer.context.plan == nil)
    #expect(answer.context.query == "Hello" && answer.spans.map(\.stage) == [.firstToken, .decode])
    #expect(turn.steps.count == 1)
    let strategy = try fixture.body("/v1/agents")?["agent_config"]?["sampling_params"]?["strategy"]
    #expect(strategy == .object(["type": .string("greedy")]))
  }

  /// However the bytes are cut.
  @Test func readsStreamsInPieces() async throws {
    let body = TurnEvent.whole.map { "data: \($0)\r\n\r\n" }.joined()
    let chunk = "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
    let fixture = try AgentFixture(turn: [.streamHead, .sendSingly(Array(chunk.utf8))])
    let answer = try await Self.agent(fixture).answer("What?", history: [])
    #expect(answer.choices[0].text == "Low rank." && answer.context.passages.count == 2)
  }

  static let begun: [FaultServer.Step] = [.streamHead, .event(TurnEvent.start("inference", "a"))]

  @Test(arguments: [
    (begun + [.event(TurnEvent.error), .streamEnd], "Llama Stack broke off the turn: 500: Internal server error"),
    (
      begun + [.event(TurnEvent.text("a", "a")), .streamEnd],
      "the stream of the turn ended before the turn was complete"
    ),
    (begun + [.close], "llama-stack: SERVER/v1/agents/agent/session/session/turn broke off its answer"),
    (begun + [.stall], "llama-stack: SERVER/v1/agents/agent/session/session/turn gave no whole answer within 0.5 s"),
    ([.stall], "llama-stack: SERVER/v1/agents/agent/session/session/turn gave no whole answer within 0.5 s"),
    (begun + [.event("{\"event\":"), .streamEnd], "an event of the turn's stream is no JSON (byte 9: "),
    (
      [.answer(type: "text/html", "<html>")],
      "llama-stack: POST /v1/agents/agent/session/session/turn of SERVER answered with a page of HTML"
    ),
    (
      [.answer(status: 400, #"{"error":{"detail":{"errors":[{"loc":["body","messages"],"msg":"Field required"}]}}}"#)],
      "llama-stack: POST /v1/agents/agent/session/session/turn of SERVER was answered with HTTP status 400: body.messages: Field required"
    ),
    (
      [.answer(status: 501, #"{"detail":"Not implemented: Non-streaming agent turns not yet implemented"}"#)],
      "llama-stack: POST /v1/agents/agent/session/session/turn of SERVER was answered with HTTP status 501: Not implemented"
    ),
    (
      [.answer(status: 401, "{}")],
      "llama-stack: POST /v1/agents/agent/session/session/turn of SERVER wants a key; set LLAMA_STACK_API_KEY"
    ),
    (
      [.answer("{}")],
      "llama-stack: POST /v1/agents/agent/session/session/turn of SERVER answered 200 where a stream of events belongs"
    ),
    (
      [.answer("")],
      "llama-stack: POST /v1/agents/agent/session/session/turn of SERVER answered with nothing (HTTP status 200)"
    ),
  ])
  func saysWhatWentWrong(steps: [FaultServer.Step], sentence: String) async throws {
    let fixture = try AgentFixture(turn: steps)
    // Only what a server leaves undone is waited for briefly.
    let stalls = steps.contains { if case .stall = $0 { true } else { false } }
    let agent = try Self.agent(fixture) { if stalls { $0.silence = 0.5 } }
    var text = ""
    do {
      _ = try await agent.answer("What?", history: [])
    } catch {
      text = "\(error)".replacing(fixture.server.url, with: "SERVER")
    }
    #expect(text.hasPrefix(sentence), "\(text)")
  }

  @Test func refusesWhatAnAgentCannotDo() async throws {
    let fixture = try AgentFixture(events: TurnEvent.whole)
    #expect(throws: RAGError.self) { try Self.agent(fixture) { $0.sampling.n = 2 } }
    #expect(throws: VectorStoreError.self) { try Self.agent(fixture) { $0.model = "minilm" } }
    #expect(throws: VectorStoreError.noSuchCollection("faqs", known: ["faq"])) {
      try LlamaStackAgent(server: fixture.llama(), databases: ["faqs"], now: { 0 })
    }
    #expect(!fixture.asked.contains("POST /v1/agents"))
    let agent = try Self.agent(fixture)
    await #expect(throws: RAGError.self) {
      try await agent.answer("And?", history: [ChatMessage(role: "user", content: "What?")])
    }
    fixture.server.die()
    await #expect(throws: VectorStoreError.self) { try await agent.answer("What?", history: []) }
  }

  /// A question that is given up takes its request along; the agent is fit for the next one.
  @Test func isCancelled() async throws {
    let fixture = try AgentFixture(turn: Self.begun + [.stall])
    let agent = try Self.agent(fixture)
    let question = Task { try await agent.answer("What?", history: []) }
    while !fixture.asked.contains(where: { $0.hasSuffix("/turn") }) { await Task.yield() }
    question.cancel()
    await #expect(throws: (any Error).self) { try await question.value }
    fixture.server.become { _, _ in
      [.streamHead] + TurnEvent.whole.map { .event($0) } + [.streamEnd]
    }
    #expect(try await agent.turn("What?", in: "session").answer.choices[0].text == "Low rank.")
  }
}
