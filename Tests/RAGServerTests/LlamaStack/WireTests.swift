import Foundation
import Generation
import JSON
import RAGServer
import Synchronization
import TestFixtures
import Testing

/// Against the captured traffic of Llama Stack 0.2.12 and its client (RAGMETER_REFERENCE/llama-stack).
@Suite struct WireTests {
  private static let wire = "llama-stack/llamastack_wire.jsonl"

  /// The same kinds at the same places; lists by what is in them, numbers by being some.
  private func shape(_ value: JSONValue?) -> String {
    switch value {
    case nil: "absent"
    case .null?: "null"
    case .bool?: "bool"
    case .integer?, .number?: "number"
    case .string?: "text"
    case .array(let values)?: "[\(Set(values.map { shape($0) }).sorted().joined(separator: "|"))]"
    case .object(let members)?:
      "{\(members.sorted { $0.name < $1.name }.map { "\($0.name): \(shape($0.value))" }.joined(separator: ", "))}"
    }
  }

  private func kind(_ payload: JSONValue) -> String {
    let words = [
      payload["event_type"], payload["step_type"], payload["delta"]?["type"], payload["delta"]?["parse_status"],
    ]
    return words.compactMap { $0?.string }.joined(separator: " ")
  }

  /// Every request of the tutorial's script, as it was sent; answers have the captured status and shape, and the turn the
  /// captured events in the captured order.
  @Test func theTutorialsRequestsHaveTheCapturedAnswers() async throws {
    guard let exchanges = try ReplayTranscript.reference(Self.wire) else { return }
    let server = try StackServer(
      pages: { request in
        .init(
          text: "What \(request.path) says of LoRA in torchtune. " + String(repeating: "More words. ", count: 2_000))
      }, options: { $0.servedModelName = "dummy-llm" })
    // Ids of the capture, and ours.
    var names = ["http://127.0.0.1:18200": String(server.pages.url("").dropLast())]
    for exchange in exchanges {
      func ours(_ text: String) -> String { names.reduce(text) { $0.replacing($1.key, with: $1.value) } }
      let body = exchange.requestBody.flatMap { $0.isEmpty ? nil : ours($0) }
      let answer = try server.ask(exchange.method, ours(exchange.path), body)
      #expect(answer.status == exchange.status, "\(exchange.path): \(answer.text.prefix(300))")
      guard !exchange.contentType.hasPrefix("text/event-stream") else {
        #expect(answer.field("content-type") == "text/event-stream; charset=utf-8" && answer.isWhole)
        let pairs = (answer.payloads, try events(exchange.body).compactMap { $0["event"]?["payload"] })
        func order(_ payloads: [JSONValue]) -> [String] {
          payloads.map { kind($0) }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
        }
        #expect(order(pairs.0) == order(pairs.1))
        func shapes(_ payloads: [JSONValue]) -> [String: String] {
          Dictionary(payloads.map { (kind($0), shape($0)) }) { first, _ in first }
        }
        #expect(shapes(pairs.0) == shapes(pairs.1))
        continue
      }
      let theirs = try JSONValue.parse(exchange.body)
      #expect(shape(answer.json) == shape(theirs), "\(exchange.path)")
      for name in ["agent_id", "session_id"] {
        if let id = theirs[name]?.string { names[id] = answer.json[name]?.string }
      }
    }
    try await server.end()
  }

  /// The text that a model is given, to the byte, and what is told of it.
  @Test func theToolsResultIsTheCapturedOne() throws {
    guard let turn = try capturedTurn() else { return }
    let result = try #require(turn["steps"]?[1]?["tool_responses"]?[0])
    let query = try #require(turn["steps"]?[1]?["tool_calls"]?[0]?["arguments"]?["query"]?.string)
    let ours = KnowledgeResult(try chunks(result), question: query, query: KnowledgeQuery())
    #expect(ours.content == result["content"])
    #expect(ours.metadata == result["metadata"])
  }

  /// The events, to the byte, where ids and times are the captured ones.
  @Test func aTurnsEventsAreTheCapturedOnes() throws {
    guard let turn = try capturedTurn(), let events = try capturedEvents() else { return }
    func text(_ value: JSONValue?) throws -> String { try #require(value?.string) }
    let steps = try #require(turn["steps"]?.array)
    let ids = Names(
      try [
        text(steps[0]["step_id"]), text(steps[1]["tool_calls"]?[0]?["call_id"]), text(steps[1]["step_id"]),
        text(steps[2]["step_id"]),
      ])
    let times = Names(
      try [text(turn["started_at"])] + steps.flatMap { [try text($0["started_at"]), try text($0["completed_at"])] }
        + [text(turn["completed_at"])])
    var script = TurnScript(
      turn: try text(turn["turn_id"]), session: try text(turn["session_id"]),
      input: try #require(turn["input_messages"]?.array), newID: { ids.next() }, now: { times.next() })
    let result = try #require(steps[1]["tool_responses"]?[0])
    let query = try text(steps[1]["tool_calls"]?[0]?["arguments"]?["query"])
    var ours = script.begin() + script.called(query: query)
    ours += script.found(KnowledgeResult(try chunks(result), question: query, query: KnowledgeQuery()))
    for event in events.dropFirst(9) {
      let delta = event["event"]?["payload"]?["delta"]
      if let said = delta?["text"]?.string { ours += script.said(said) }
    }
    ours += script.ended(.stop)
    #expect(ours.count == events.count)
    for (our, their) in zip(ours, events) { #expect(sorted(our) == sorted(their)) }
  }

  /// Hands out a list, one after the other.
  private final class Names: Sendable {
    private let rest: Mutex<[String]>

    init(_ names: [String]) { rest = Mutex(names.reversed()) }

    func next() -> String { rest.withLock { $0.popLast() ?? "none left" } }
  }

  private func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let values): .array(values.map { sorted($0) })
    case .object(let members):
      .object(members.sorted { $0.name < $1.name }.map { JSONMember(name: $0.name, value: sorted($0.value)) })
    // The client's blank after the colon is Python's; ours has none.
    case .string(let text) where text.hasPrefix("{\""): .string(text.replacing("\": \"", with: "\":\""))
    default: value
    }
  }

  private func capturedEvents() throws -> [JSONValue]? {
    guard let exchange = try ReplayTranscript.reference(Self.wire)?.last else { return nil }
    return try events(exchange.body)
  }

  private func events(_ text: String) throws -> [JSONValue] {
    try text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map {
      try JSONValue.parse(String($0.dropFirst("data: ".count)))
    }
  }

  private func capturedTurn() throws -> JSONValue? { try capturedEvents()?.last?["event"]?["payload"]?["turn"] }

  private func chunks(_ response: JSONValue) throws -> [KnowledgeChunk] {
    let metadata = try #require(response["metadata"])
    let texts = try #require(metadata["chunks"]?.array)
    return try texts.indices.map { place in
      let document = try #require(metadata["document_ids"]?[place]?.string)
      return KnowledgeChunk(
        text: try #require(texts[place].string), document: document,
        metadata: .fields(["document_id": .string(document)]),
        score: Float(try #require(metadata["scores"]?[place]?.number)), tokens: 1)
    }
  }
}
