import Foundation
import TestFixtures
import VectorStores

/// Events of a turn, as Llama Stack 0.2.11 writes them.
enum TurnEvent {
  static func start(_ kind: String, _ id: String) -> String {
    payload(#""event_type":"step_start","step_type":"\#(kind)","step_id":"\#(id)","metadata":{}"#)
  }

  static func text(_ text: String, _ id: String) -> String {
    payload(
      #""event_type":"step_progress","step_type":"inference","step_id":"\#(id)","delta":{"type":"text","text":"\#(text)"}"#
    )
  }

  static func call(_ query: String, _ id: String) -> String {
    payload(
      #""event_type":"step_progress","step_type":"inference","step_id":"\#(id)","delta":{"type":"tool_call","tool_call":\#(toolCall(query)),"parse_status":"succeeded"}"#
    )
  }

  static func inferred(_ text: String, _ id: String, query: String? = nil, stop: String = "end_of_turn") -> String {
    complete(
      "inference", id,
      #""model_response":{"role":"assistant","content":"\#(text)","stop_reason":"\#(stop)","tool_calls":[\#(query.map(toolCall) ?? "")]}"#
    )
  }

  /// - Parameter found: documents and texts.
  static func searched(_ query: String, _ id: String, found: [(String, String)]) -> String {
    let ids = found.map { "\"\($0.0)\"" }.joined(separator: ",")
    let chunks = found.map { "\"\($0.1)\"" }.joined(separator: ",")
    let scores = found.indices.map { "\(0.75 - Double($0) / 4)" }.joined(separator: ",")
    return complete(
      "tool_execution", id,
      #""tool_calls":[\#(toolCall(query))],"tool_responses":[{"call_id":"1","tool_name":"knowledge_search","content":"…","metadata":{"document_ids":[\#(ids)],"chunks":[\#(chunks)],"scores":[\#(scores)]}}]"#
    )
  }

  static func turnComplete(_ text: String) -> String {
    payload(
      #""event_type":"turn_complete","turn":{"steps":[],"output_message":{"role":"assistant","content":"\#(text)","stop_reason":"end_of_turn","tool_calls":[]}}"#
    )
  }

  static let error = #"{"error": {"message": "500: Internal server error: An unexpected error occurred."}}"#

  /// A search and an answer.
  static let whole =
    [
      start("inference", "a"), text("", "a"), call("lora rank", "a"), inferred("", "a", query: "lora rank"),
      start("tool_execution", "b"),
      searched("lora rank", "b", found: [("guide", "Low rank."), ("faq", "What is it?")]), start("inference", "c"),
      text("", "c"), text("Low ", "c"), text("rank.", "c"), inferred("Low rank.", "c"), turnComplete("Low rank."),
    ]

  private static func toolCall(_ query: String) -> String {
    #"{"call_id":"1","tool_name":"knowledge_search","arguments":{"query":"\#(query)"},"arguments_json":"{\"query\": \"\#(query)\"}"}"#
  }

  private static func complete(_ kind: String, _ id: String, _ details: String) -> String {
    payload(
      #""event_type":"step_complete","step_type":"\#(kind)","step_id":"\#(id)","step_details":{"step_id":"\#(id)","started_at":"2026-11-20T04:04:02.75Z","completed_at":"2026-11-20T04:04:03.000250+00:00","step_type":"\#(kind)",\#(details)}"#
    )
  }

  private static func payload(_ members: String) -> String { #"{"event":{"payload":{\#(members)}}}"# }
}

/// A server with one agent, whose turns are what they are made.
final class AgentFixture: Sendable {
  let server: FaultServer

  init(turn: [FaultServer.Step]) throws {
    server = try FaultServer { request, _ in
      let path = request.path
      switch (request.method, path) {
      case ("GET", "/v1/models"):
        return [
          .answer(
            #"{"data":[{"identifier":"llama","model_type":"llm"},{"identifier":"minilm","model_type":"embedding"}]}"#)
        ]
      case ("GET", "/v1/vector-dbs"):
        return [
          .answer(
            #"{"data":[{"identifier":"faq","provider_id":"milvus","embedding_model":"minilm","embedding_dimension":3}]}"#
          )
        ]
      case ("POST", "/v1/agents"): return [.answer(#"{"agent_id":"agent"}"#)]
      case ("POST", "/v1/agents/agent/session"): return [.answer(#"{"session_id":"session"}"#)]
      case ("POST", "/v1/agents/agent/session/session/turn"): return turn
      case ("DELETE", "/v1/agents/agent"), ("DELETE", "/v1/agents/agent/session/session"): return [.answer("null")]
      default: return [.answer(status: 404, #"{"detail":"Not Found"}"#)]
      }
    }
  }

  convenience init(events: [String]) throws {
    try self.init(turn: [.streamHead] + events.map { .event($0) } + [.streamEnd])
  }

  func llama() throws -> LlamaStackServer { try LlamaStackServer(url: server.url, environment: [:]) }

  /// Method and path of each request.
  var asked: [String] { server.requests.map { "\($0.method) \($0.path)" } }

  func body(_ path: String) throws -> FieldValue? {
    try server.requests.last { $0.path == path }.map {
      try FieldValue(json: String(decoding: $0.body, as: UTF8.self))
    }
  }
}
