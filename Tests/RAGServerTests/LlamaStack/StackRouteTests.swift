import Foundation
import JSON
import RAGServer
import TestFixtures
import Testing
import VectorStores

/// Llama Stack's routes beyond the tutorial's.
@Suite struct StackRouteTests {
  @Test func bothKindsOfClientsFindTheModels() async throws {
    let server = try StackServer()
    for path in ["/v1/models", "/v1/openai/v1/models"] {
      let models = try #require(try server.ask("GET", path).json["data"]?.array)
      #expect(models.compactMap { $0["id"]?.string } == ["alphabet", "all-MiniLM-L6-v2"])
      #expect(models.compactMap { $0["identifier"]?.string } == ["alphabet", "all-MiniLM-L6-v2"])
      #expect(models.compactMap { $0["model_type"]?.string } == ["llm", "embedding"])
      #expect(models[1]["metadata"]?["embedding_dimension"]?.integer == 384)
    }
    #expect(try server.ask("GET", "/v1/models/alphabet").json["model_type"]?.string == "llm")
    #expect(try server.ask("GET", "/v1/models/meta/other").detail.contains("'meta/other'"))
    let chat = try server.ask(
      "POST", "/v1/openai/v1/chat/completions",
      #"{"model":"alphabet","messages":[{"role":"user","content":"hi"}],"max_tokens":3}"#)
    #expect(chat.json["choices"]?[0]?["message"]?["content"]?.string?.count == 3)
    try await server.end()
  }

  @Test func documentsBecomeOverlappingChunks() async throws {
    let server = try StackServer()
    try server.register()
    let words = (0..<20).map { "w\($0)" }
    try server.insert(["a": words.joined(separator: " ")], chunk: 8)
    let rows = try server.store.query(QueryRequest(), in: "docs")
    let texts = rows.sorted { $0.fields["start"]?.json.count ?? 0 < $1.fields["start"]?.json.count ?? 0 }
      .compactMap { row -> String? in
        guard case .string(let text) = row.fields["text"] else { return nil }
        return text
      }
    // Windows of 8 that begin every 6: a quarter is shared.
    let expected = stride(from: 0, to: 20, by: 6).map { words[$0..<min($0 + 8, 20)].joined(separator: " ") }
    #expect(Set(texts.map { $0.trimmingCharacters(in: .whitespaces) }) == Set(expected))
    #expect(Set(rows.compactMap { $0.key }) == Set((0..<4).map { PrimaryKey.string("a#\($0)") }))
    // A shorter version leaves nothing of the longer one.
    try server.insert(["a": "one two"], chunk: 8)
    #expect(try server.store.query(QueryRequest(), in: "docs").compactMap { $0.key } == [.string("a#0")])
    try await server.end()
  }

  @Test func searchesMergeDatabasesByScore() async throws {
    let server = try StackServer()
    try server.register("one")
    try server.register("two-with-a-dash")
    try server.insert(["cats": "cats purr softly"], into: "one")
    try server.insert(["dogs": "dogs bark loudly", "more": "cats purr softly at night"], into: "two-with-a-dash")
    let body =
      #"{"content":"cats purr softly","vector_db_ids":["two-with-a-dash","one"],"query_config":{"max_chunks":2}}"#
    let answer = try server.ask("POST", "/v1/tool-runtime/rag-tool/query", body).json
    #expect(answer["metadata"]?["document_ids"] == .texts(["cats", "more"]))
    let scores = answer["metadata"]?["scores"]?.array?.compactMap { $0.number } ?? [0, 0]
    #expect(abs(scores[0] - 1) < 1e-5 && scores[1] < scores[0])
    let narrow = try server.ask(
      "POST", "/v1/tool-runtime/invoke",
      """
      {"tool_name":"knowledge_search","kwargs":{"query":"cats purr","vector_db_ids":["one"],
       "query_config":{"chunk_template":"<{index}> {chunk.content} {metadata}"}}}
      """
    ).json
    #expect(narrow["content"]?[1]?["text"]?.string == "<1> cats purr softly {'document_id': 'cats'}")
    // What does not fit the tokens is not shown.
    let bounded = try server.ask(
      "POST", "/v1/tool-runtime/rag-tool/query",
      #"{"content":"cats","vector_db_ids":["one","two-with-a-dash"],"query_config":{"max_tokens_in_context":5}}"#
    ).json
    #expect(bounded["metadata"]?["document_ids"]?.array?.count == 1)
    try await server.end()
  }

  @Test func aStoreRemembersItsDatabases() async throws {
    let folder = TemporaryFolder()
    let first = try StackServer(folder)
    try first.register("my docs")
    try first.insert(["a": "something"], into: "my docs")
    try await first.end()
    let second = try StackServer(folder)
    #expect(try second.ask("GET", "/v1/vector-dbs").json["data"]?[0]?["identifier"]?.string == "my docs")
    let found = try second.ask("POST", "/v1/vector-io/query", #"{"vector_db_id":"my docs","query":"something"}"#).json
    #expect(found["chunks"]?[0]?["content"]?.string == "something")
    // Registered again it is the same one; of another embedder it is none.
    try second.register("my docs")
    #expect(try second.ask("DELETE", "/v1/vector-dbs/my%20docs").text == "null")
    #expect(try second.store.collections().isEmpty)
    try await second.end()
  }

  @Test func aCollectionOfAnotherShapeIsNotTaken() async throws {
    let server = try StackServer()
    try server.store.create(CollectionSchema(name: "docs", dimension: 3, metric: .l2))
    let answer = try server.ask(
      "POST", "/v1/vector-dbs", #"{"vector_db_id":"docs","embedding_model":"all-MiniLM-L6-v2"}"#)
    #expect(answer.status == 400 && answer.detail.contains("another dimension"))
    try server.store.create(CollectionSchema(name: "mine", dimension: 384, metric: .ip, keyType: .string))
    try server.register("mine")
    try await server.end()
  }

  @Test func theKeyOpensAllButHealthAndVersion() async throws {
    let server = try StackServer(options: { $0.apiKey = "sesame" })
    for path in ["/v1/vector-dbs", "/v1/agents", "/v1/providers", "/v1/nothing"] {
      let answer = try server.ask("GET", path)
      #expect(answer.status == 401, "\(path)")
    }
    for path in ["/v1/health", "/v1/version"] { #expect(try server.ask("GET", path).status == 200) }
    let answer = try server.ask("GET", "/v1/providers", headers: ["Authorization: Bearer sesame"])
    #expect(answer.status == 200 && !answer.text.contains("sesame"))
    try await server.end()
  }

  @Test func answersAreCountedByTheirRoutes() async throws {
    let server = try StackServer()
    _ = try server.ask("GET", "/v1/agents/some-stranger")
    _ = try server.ask("GET", "/v1/agents/another")
    let wrong = try server.ask("PUT", "/v1/vector-dbs", "{}")
    #expect(wrong.status == 405 && wrong.field("allow") == "POST, GET")
    let metrics = try server.ask("GET", "/metrics").text
    #expect(metrics.contains(#"http_requests_total{handler="/v1/agents/{agent_id}",method="GET",status="4xx"} 2"#))
    #expect(!metrics.contains("some-stranger"))
    try await server.end()
  }
}
