import Embedders
import Foundation
import JSON
import Synchronization
import TestFixtures
import Testing

/// The client against a service on the loopback interface that answers as OpenAI's reference says, or badly.
@Suite struct OpenAIEmbedderTests {
  /// Waits that were asked for; nobody sleeps.
  private final class Waits: Sendable {
    private let state = Mutex([Double]())
    var all: [Double] { state.withLock { $0 } }
    var policy: RetryPolicy {
      RetryPolicy(sleep: { [self] seconds in state.withLock { $0.append(seconds) } }, random: { 0.5 })
    }
  }

  /// An embedding that tells the text: its length and its first byte, as the request's encoding asks.
  @Sendable private static func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Response {
    guard let root = try? request.body.withUnsafeBytes({ try JSONValue.parse($0) }), let texts = root["input"]?.array
    else { return .init(status: 400, text: #"{"error": {"message": "bad body"}}"#) }
    let items = texts.enumerated().map { index, text in
      let bytes = Array((text.string ?? "").utf8)
      let values: [Float] = [Float(bytes.count), Float(bytes.first ?? 0), 0.5]
      let embedding =
        root["encoding_format"]?.string == "base64"
        ? "\"\(values.withUnsafeBytes { Data($0) }.base64EncodedString())\"" : "\(values)"
      return #"{"object": "embedding", "index": \#(index), "embedding": \#(embedding)}"#
    }
    // The order of the answers is not that of the texts.
    let data = items.reversed().joined(separator: ", ")
    return .init(text: #"{"data": [\#(data)], "usage": {"prompt_tokens": \#(texts.count * 3), "total_tokens": 0}}"#)
  }

  private func embedder(
    _ server: LoopbackServer, _ more: [String: String] = [:], environment: [String: String] = [:],
    waits: Waits = Waits()
  ) throws -> OpenAIEmbedder {
    let parameters = ["url": server.url("v1/"), "model": "m"].merging(more) { $1 }
    return try OpenAIEmbedder(
      EmbedderSpecification(kind: "openai", parameters: parameters), environment: environment, retries: waits.policy)
  }

  @Test(arguments: ["float", "base64"]) func batchesComeBackInTheOrderOfTheTexts(encoding: String) throws {
    let server = try LoopbackServer(Self.answer)
    let embedder = try embedder(server, ["encoding": encoding, "batch": "2"])
    #expect(embedder.dimension == 3 && !embedder.isNormalized && embedder.name == "m")
    let batch = try embedder.embed(["a", "bb", "ccc", "", "é"], as: .document)
    #expect(batch.values == [1, 97, 0.5, 2, 98, 0.5, 3, 99, 0.5, 1, 32, 0.5, 2, 195, 0.5])
    #expect(batch.truncatedTokens == [0, 0, 0, 0, 0] && embedder.usedTokens == 15)
    #expect(server.requests.count == 4 && server.requests.allSatisfy { $0.path == "/v1/embeddings" })
    #expect(try embedder.embed([], as: .query).values.isEmpty)
  }

  @Test func keyComesFromTheEnvironment() throws {
    let server = try LoopbackServer(Self.answer)
    _ = try embedder(server, environment: ["OPENAI_API_KEY": "secret\n"])
    _ = try embedder(server, ["key_env": "OTHER"], environment: ["OTHER": "own", "OPENAI_API_KEY": "secret"])
    _ = try embedder(server)
    #expect(server.requests.map { $0.field("authorization") } == ["Bearer secret", "Bearer own", nil])
    #expect(server.requests.allSatisfy { $0.field("content-type") == "application/json" })
  }

  @Test func transientFailuresAreTriedAgain() throws {
    let left = Mutex([429, 503, 500])
    let server = try LoopbackServer { request in
      let status = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      guard let status else { return Self.answer(request) }
      return .init(status: status, headers: status == 429 ? ["Retry-After: 7"] : [], text: "busy")
    }
    let waits = Waits()
    #expect(try embedder(server, waits: waits).dimension == 3)
    #expect(waits.all == [7, 0.75, 1.5])
  }

  @Test func attemptsHaveAnEnd() throws {
    let waits = Waits()
    let server = try LoopbackServer(ServedFile(body: Array("down".utf8), status: 503))
    let sentence = failure { _ = try embedder(server, waits: waits) }
    #expect(sentence == "\(server.url("v1/embeddings")) did not answer in 6 attempts: HTTP status 503: down")
    #expect(waits.all == [0.375, 0.75, 1.5, 3, 6] && server.requests.count == 6)
    let unreachable = EmbedderSpecification(kind: "openai", parameters: ["url": "http://127.0.0.1:1/v1", "model": "m"])
    let found = failure { _ = try OpenAIEmbedder(unreachable, environment: [:], retries: waits.policy) }
    #expect(found?.contains("did not answer in 6 attempts: http://127.0.0.1:1/v1/embeddings: ") == true)
  }

  @Test(arguments: [
    (400, #"{"error": {"message": "no such model", "code": null}}"#, [], "HTTP status 400: no such model"),
    (401, #"{"error": "wrong key"}"#, [], "HTTP status 401: wrong key"),
    (422, #"{"detail": "input"}"#, [], "HTTP status 422: input"),
    (429, #"{"error": {"message": "pay", "code": "insufficient_quota"}}"#, [], "HTTP status 429: pay"),
    (429, "later", ["Retry-After: 3600"], "asks to wait 3600 s"),
  ])
  func whatWaitingDoesNotMendIsNotTriedAgain(
    status: Int, body: String, headers: [String], sentence: String
  ) throws {
    let waits = Waits()
    let server = try LoopbackServer { _ in .init(status: status, headers: headers, text: body) }
    let found = failure { _ = try embedder(server, waits: waits) }
    #expect(found?.contains(sentence) == true, "\(found ?? "")")
    #expect(waits.all.isEmpty && server.requests.count == 1)
  }

  @Test(arguments: [
    ("<html>", "byte 0"), ("{}", "there is no list 'data'"), (#"{"data": []}"#, "0 embeddings for 1 texts"),
    (#"{"data": [{"index": 1, "embedding": [1]}]}"#, "has the index 1, which is out of range"),
    (#"{"data": [{"index": 0, "embedding": []}]}"#, "neither a list of finite numbers nor base64"),
    (#"{"data": [{"index": 0, "embedding": ["x"]}]}"#, "neither a list"),
    (#"{"data": [{"index": 0, "embedding": "AAA"}]}"#, "neither a list"),
    (#"{"data": [{"index": 0, "embedding": "AADAfw=="}]}"#, "neither a list"),
  ])
  func wrongAnswersAreRefused(body: String, sentence: String) throws {
    let server = try LoopbackServer { _ in .init(text: body) }
    let found = failure { _ = try embedder(server) }
    #expect(
      found?.contains("answered with something else: ") == true && found?.contains(sentence) == true, "\(found ?? "")")
  }

  @Test func changeOfDimensionIsRefused() throws {
    let server = try LoopbackServer(Self.answer)
    let embedder = try embedder(server)
    server.become { _ in .init(text: #"{"data": [{"embedding": [1, 2]}]}"#) }
    #expect(
      failure { _ = try embedder.embed(["a"], as: .query) }?.contains("an embedding of 2 dimensions, after 3") == true)
  }
}
