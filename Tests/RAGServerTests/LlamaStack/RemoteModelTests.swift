import Foundation
import GenerationClient
import JSON
import RAGServer
import TestFixtures
import Testing

/// A server whose model is another server's.
@Suite struct RemoteModelTests {
  private func front(_ url: String, name: String? = "front", key: APIKey? = nil) throws -> Server {
    var options = ServerOptions()
    options.maxConnections = 50
    options.servedModelName = name
    return try Server(
      profile: ServerProfile(url: url, preset: "vllm"), model: "alphabet", key: key, options: options)
  }

  private func post(_ server: Server, _ path: String, _ body: String) throws -> RawClient.Answer {
    let client = try RawClient(port: UInt16(server.port))
    client.post(path, body)
    return client.answer()
  }

  @Test func openAIsRoutesArePassedOn() async throws {
    let live = try LiveServer()
    let server = try front("http://127.0.0.1:\(live.server.port)/v1")
    let body = #"{"model":"front","prompt":"abc","max_tokens":4,"temperature":0}"#
    let whole = try post(server, "/v1/completions", body)
    #expect(
      whole.status == 200 && whole.json["choices"]?[0]?["text"]?.string == AlphabetExecutor.text(after: 3, count: 4))
    let streamed = try post(
      server, "/v1/openai/v1/chat/completions",
      #"{"messages":[{"role":"user","content":"x"}],"max_tokens":4,"stream":true}"#)
    #expect(streamed.field("content-type")?.hasPrefix("text/event-stream") == true && streamed.events.last == "[DONE]")
    // What that server refuses is refused in its words.
    let refused = try post(server, "/v1/completions", #"{"prompt":"abc","n":0}"#)
    #expect(refused.status == 400 && refused.message.contains("n must be at least 1"))
    let other = try post(server, "/v1/completions", #"{"model":"alphabet","prompt":"abc"}"#)
    #expect(other.status == 404 && other.message.contains("front"))
    #expect(try post(server, "/v1/completions", "{").status == 400)
    let client = try RawClient(port: UInt16(server.port))
    client.get("/metrics")
    #expect(
      client.answer().text.contains(#"http_requests_total{handler="/v1/completions",method="POST",status="2xx"} 1"#))
    client.get("/v1/models")
    #expect(client.answer().json["data"]?[0]?["identifier"]?.string == "front")
    server.stop()
    await live.end()
  }

  @Test func agentsAnswerWithIt() async throws {
    let live = try LiveServer()
    let server = try front("http://127.0.0.1:\(live.server.port)/v1", name: nil)
    let agent = try post(
      server, "/v1/agents",
      #"{"agent_config":{"model":"alphabet","instructions":"x","sampling_params":{"max_tokens":5}}}"#)
    let id = try #require(agent.json["agent_id"]?.string)
    let session = try #require(try post(server, "/v1/agents/\(id)/session", "{}").json["session_id"]?.string)
    let turn = try post(
      server, "/v1/agents/\(id)/session/\(session)/turn", #"{"messages":[{"role":"user","content":"hi"}]}"#)
    #expect(turn.json["output_message"]?["content"]?.string?.count == 5, "\(turn.text)")
    server.stop()
    await live.end()
  }

  @Test func aServerThatIsDownIsNamed() throws {
    let down = try FaultServer { _, _ in [] }
    let url = down.url
    down.die()
    let server = try front("\(url)/v1")
    let answer = try post(server, "/v1/completions", #"{"prompt":"abc"}"#)
    #expect(answer.status == 502 && answer.message.contains("does not answer"))
    server.stop()
  }

  @Test func aStreamThatBreaksIsNotWhole() throws {
    let broken = try FaultServer { _, _ in [.streamHead, .event(#"{"choices":[]}"#), .reset] }
    let server = try front("\(broken.url)/v1")
    let answer = try post(server, "/v1/completions", #"{"prompt":"abc","stream":true}"#)
    // It may have broken before anything of it came.
    #expect(!answer.isWhole || answer.status == 502)
    server.stop()
  }

  @Test func theKeyGoesAlong() throws {
    let far = try FaultServer { _, _ in [.answer("{}")] }
    let key = try APIKey(variable: "K", environment: ["K": "sesame"])
    let server = try front("\(far.url)/v1", key: key)
    _ = try post(server, "/v1/completions", #"{"prompt":"abc"}"#)
    #expect(far.requests.first?.field("authorization") == "Bearer sesame")
    let body = String(decoding: far.requests.first?.body ?? [], as: UTF8.self)
    #expect(try JSONValue.parse(body)["model"]?.string == "alphabet")
    server.stop()
  }
}
