import Foundation
import Generation
import JSON
import RAGServer
import TestFixtures
import Testing

/// Agents' turns.
@Suite struct TurnTests {
  private func turn(_ question: String, stream: Bool = false) -> String {
    #"{"messages":[{"role":"user","content":"\#(question)"}],"stream":\#(stream)}"#
  }

  @Test func wholeAndStreamedTurnsSayTheSame() async throws {
    let server = try StackServer()
    try server.register()
    try server.insert(["a": "badgers dig setts", "b": "otters swim"])
    let session = try server.session()
    let whole = try server.ask("POST", "\(session)/turn", turn("what do badgers dig?"))
    #expect(whole.status == 200, "\(whole.text)")
    let types = whole.json["steps"]?.array?.compactMap { $0["step_type"]?.string }
    #expect(types == ["inference", "tool_execution", "inference"])
    let found = whole.json["steps"]?[1]?["tool_responses"]?[0]?["metadata"]?["document_ids"]
    #expect(found == .texts(["a", "b"]))
    let message = try #require(whole.json["output_message"])
    #expect(message["content"]?.string?.count == 6 && message["stop_reason"]?.string == "out_of_tokens")
    let streamed = try server.ask("POST", "\(try server.session())/turn", turn("what do badgers dig?", stream: true))
    let last = try #require(streamed.payloads.last)
    #expect(last["event_type"]?.string == "turn_complete" && last["turn"]?["output_message"] == message)
    let texts = streamed.payloads.compactMap { $0["delta"]?["text"]?.string }
    #expect(texts.joined() == message["content"]?.string && texts.filter { !$0.isEmpty }.count == 6)
    try await server.end()
  }

  @Test func aSessionKeepsItsTurns() async throws {
    let server = try StackServer()
    let session = try server.session(nil)
    let first = try server.ask("POST", "\(session)/turn", turn("one"))
    let second = try server.ask("POST", "\(session)/turn", turn("two"))
    #expect(first.json["steps"]?.array?.count == 1)
    // The model says the letter of its place: the second prompt is longer by the first turn.
    #expect(first.json["output_message"]?["content"] != second.json["output_message"]?["content"])
    let kept = try server.ask("GET", session).json["turns"]?.array
    #expect(kept == [first.json, second.json])
    let id = try #require(second.json["turn_id"]?.string)
    #expect(try server.ask("GET", "\(session)/turn/\(id)").json == second.json)
    let step = try #require(second.json["steps"]?[0]?["step_id"]?.string)
    #expect(try server.ask("GET", "\(session)/turn/\(id)/step/\(step)").json["step"] == second.json["steps"]?[0])
    #expect(try server.ask("DELETE", session).text == "null")
    #expect(try server.ask("GET", session).status == 404)
    try await server.end()
  }

  @Test func aClientThatLeavesEndsItsTurn() async throws {
    let server = try StackServer(isOpen: false)
    let session = try server.session(nil, maxTokens: 900)
    let client = try server.live.client()
    client.post("\(session)/turn", turn("on and on", stream: true))
    server.live.gate.pass(3)
    server.live.until { $0.totals.steps == 3 }
    client.leave()
    while server.live.engine.statistics.cancelledRequests == 0 {
      server.live.gate.pass(1)
      LiveServer.rest()
    }
    server.live.until { $0.occupancy.blocksUsed == 0 }
    #expect(server.live.engine.statistics.totals.steps < 900)
    #expect(try server.ask("GET", session).json["turns"] == .array([]))
    try await server.end()
  }

  @Test func whatBreaksIsToldInTheStream() async throws {
    let server = try StackServer(failingSteps: true)
    let session = try server.session(nil)
    let streamed = try server.ask("POST", "\(session)/turn", turn("hello", stream: true))
    let last = try JSONValue.parse(try #require(streamed.events.last))
    #expect(last["error"]?["message"]?.string?.contains("the cable is loose") == true && streamed.isWhole)
    let whole = try server.ask("POST", "\(session)/turn", turn("hello"))
    #expect(whole.status >= 400 && whole.detail.contains("the cable is loose"))
    try await server.end()
  }

  @Test func anEmptyDatabaseAndAQuestionBeyondTheContextAreToldInASentence() async throws {
    let server = try StackServer()
    try server.register()
    let session = try server.session()
    let empty = try server.ask("POST", "\(session)/turn", turn("anything?"))
    #expect(empty.status == 400 && empty.detail.contains("nothing was found"))
    try server.insert(["a": "badgers"])
    let long = try server.ask("POST", "\(session)/turn", turn(String(repeating: "badgers ", count: 400)))
    #expect(long.status == 400 && long.detail.contains("context"), "\(long.text)")
    try await server.end()
  }

  @Test func aModelThatCannotConverseSaysSo() async throws {
    let server = try StackServer(converses: false)
    try server.register()
    try server.insert(["a": "badgers"])
    let answer = try server.ask("POST", "\(try server.session())/turn", turn("badgers?"))
    #expect(answer.status == 400 && answer.detail.contains("chat template"), "\(answer.text)")
    try await server.end()
  }

  @Test func drainingEndsATurn() async throws {
    let server = try StackServer(isOpen: false)
    let session = try server.session(nil, maxTokens: 900)
    let client = try server.live.client()
    client.post("\(session)/turn", turn("on and on", stream: true))
    #expect(client.wait(for: "step_start"))
    #expect(server.live.server.drain(seconds: 0) == 1)
    let answer = client.answer()
    let last = try JSONValue.parse(try #require(answer.events.last))
    #expect(last["error"]?["message"]?.string?.contains("about to stop") == true)
    #expect(try server.ask("POST", "\(session)/turn", turn("late")).status == 503)
    try await server.end()
  }

  @Test(arguments: [
    (#"{"messages":[]}"#, "messages should be a list"), ("{}", "messages should be a list"),
    (#"{"messages":[{"role":"tool","content":"x"}]}"#, "the user's"),
    (#"{"messages":[{"role":"user","content":" "}]}"#, "is empty"),
    (#"{"messages":[{"role":"user","content":{"type":"image","image":{}}}]}"#, "only text is read"),
    (#"{"messages":[{"role":"user","content":"x"}],"documents":[{"content":"y"}]}"#, "documents"),
    (#"{"messages":[{"role":"user","content":"x"}],"toolgroups":["builtin::websearch"]}"#, "builtin::websearch"),
    (#"{"messages":[{"role":"user","content":"x"}],"toolgroups":["builtin::rag"]}"#, "no vector database"),
    ("no json", "no JSON"),
  ])
  func wrongTurns(body: String, sentence: String) async throws {
    let server = try StackServer()
    let session = try server.session(nil)
    let answer = try server.ask("POST", "\(session)/turn", body)
    #expect(answer.status == 400 && answer.detail.contains(sentence), "\(answer.text)")
    #expect(try server.ask("POST", "/v1/agents/x/session/y/turn", body.isEmpty ? "{}" : body).status >= 400)
    try await server.end()
  }

  @Test(arguments: [
    (#"{"model":"other","instructions":""}"#, "'other' not found"), (#"{"instructions":""}"#, "model should be"),
    (#"{"model":"alphabet","instructions":"","input_shields":["s"]}"#, "input_shields"),
    (#"{"model":"alphabet","instructions":"","client_tools":[{"name":"t"}]}"#, "client_tools"),
    (#"{"model":"alphabet","instructions":"","response_format":{"type":"json_schema"}}"#, "response_format"),
    (#"{"model":"alphabet","instructions":"","toolgroups":"builtin::rag"}"#, "should be a list"),
    (
      #"{"model":"alphabet","instructions":"","sampling_params":{"strategy":{"type":"beam"}}}"#,
      "greedy, top_p or top_k"
    ),
    (#"{"model":"alphabet","instructions":"","sampling_params":{"max_tokens":-1}}"#, "at least 1"),
  ])
  func wrongAgents(configuration: String, sentence: String) async throws {
    let server = try StackServer()
    let answer = try server.ask("POST", "/v1/agents", #"{"agent_config":\#(configuration)}"#)
    #expect(answer.status == 400 && answer.detail.contains(sentence), "\(answer.text)")
    try await server.end()
  }
}
