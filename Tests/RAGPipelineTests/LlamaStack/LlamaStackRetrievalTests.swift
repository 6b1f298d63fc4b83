import Documents
import Foundation
import RAGPipeline
import TestFixtures
import Testing
import VectorStores

@Suite struct LlamaStackRetrievalTests {
  @Test func understandsARealServer() throws {
    guard let captured = try ReplayTranscript.reference("llama-stack/llamastack-curl.txt") else { return }
    let server = try ReplayServer(captured, anyBody: true)
    let llama = try LlamaStackServer(url: server.url, environment: [:])
    let tool = LlamaStackRAGTool(server: llama, databases: ["test-vector-db-1795147432"], now: AgentTests.clock())
    // Whoever captured it cut long answers off.
    let cut = #expect(throws: VectorStoreError.self) { try tool.retrieve("what is lora", limit: 5) }
    #expect("\(cut!)".contains("answered with JSON that ends after"), "\(cut!)")
    // Three insertions: into nothing, of a page that was not found, and from nowhere.
    #expect(throws: VectorStoreError.self) { try tool.insert(urls: [("a", "x")], into: "missing-db", chunkTokens: 512) }
    try tool.insert(urls: [("a", "http://127.0.0.1:18200/missing.rst")], into: "x1", chunkTokens: 512)
    #expect(throws: VectorStoreError.self) { try tool.insert(urls: [("a", "x")], into: "x1", chunkTokens: 512) }
  }

  /// A text that looks like an address is not to be fetched.
  @Test func insertsDocumentsByTheirText() throws {
    let server = try FaultServer { request, _ in
      request.path.hasSuffix("insert") ? [.answer("null")] : [.answer(#"{"content":null,"metadata":{}}"#)]
    }
    let tool = LlamaStackRAGTool(
      server: try LlamaStackServer(url: server.url, environment: [:]), databases: ["faq"], now: { 0 })
    let document = Document(
      id: "d", title: "D", text: "file:///etc/passwd", source: "docs/d.md")
    try tool.insert([document], into: "faq", chunkTokens: 64)
    let body = try FieldValue(json: String(decoding: server.requests[0].body, as: UTF8.self))
    #expect(body["chunk_size_in_tokens"] == .integer(64))
    let sent = try #require(body["documents"]?.array?.first)
    #expect(sent["content"] == .object(["type": .string("text"), "text": .string("file:///etc/passwd")]))
    #expect(sent["metadata"] == .object(["source": .string("docs/d.md"), "title": .string("D")]))
    #expect(throws: VectorStoreError.self) { try tool.insert([document], into: "faq", chunkTokens: 3) }
    // Nothing was found.
    #expect(try tool.retrieve("x", limit: 3).passages.isEmpty)
    let query = try FieldValue(json: String(decoding: server.requests[1].body, as: UTF8.self))
    #expect(query["query_config"]?["max_chunks"] == .integer(3) && query["content"] == .string("x"))
  }

  /// The same texts in the same order as the answer's, each with its document and score.
  @Test func readsWhatTheToolFound() throws {
    let answer = """
      {"content":[{"type":"text","text":"knowledge_search tool found 2 chunks:"}],"metadata":{"document_ids":["d","e","f"],\
      "chunks":["a","b"],"scores":[0.75,0.5]}}
      """
    let server = try FaultServer { _, _ in [.answer(answer)] }
    let tool = LlamaStackRAGTool(
      server: try LlamaStackServer(url: server.url, environment: [:]), databases: ["faq"], now: AgentTests.clock())
    let found = try tool.retrieve("x", limit: 3)
    #expect(found.passages.map(\.text) == ["a", "b"] && found.passages.map(\.source) == ["d", "e"])
    #expect(found.passages.map(\.distance) == [0.75, 0.5] && found.spans == [StageSpan(.search, start: 1, end: 2)])
  }

  @Test func searchesAStoreByText() throws {
    let server = try FaultServer { request, _ in
      if request.method == "GET" {
        return [
          .answer(
            #"{"data":[{"identifier":"faq","provider_id":"milvus","embedding_model":"m","embedding_dimension":3}]}"#)
        ]
      }
      return [
        .answer(
          #"{"chunks":[{"content":"Low rank.","metadata":{"document_id":"d","document":"d","source":"d.md","ragmeter_key":"d#0"}},{"content":" ","metadata":{"document_id":"e"}}],"scores":[0.5,0.25]}"#
        )
      ]
    }
    let store = try LlamaStackStore(server: LlamaStackServer(url: server.url, environment: [:]))
    let retriever = try TextSearchRetriever(store: store, collection: "faq", now: AgentTests.clock())
    let found = try retriever.retrieve("x", limit: 2)
    #expect(found.passages.map(\.source) == ["d.md"] && found.passages[0].key == .string("d#0"))
    #expect(found.withoutText == 1 && found.spans == [StageSpan(.search, start: 1, end: 2)])
    #expect(throws: VectorStoreError.noSuchCollection("other", known: ["faq"])) {
      try TextSearchRetriever(store: store, collection: "other", now: { 0 })
    }
  }
}
