import Foundation
import TestFixtures
import Testing
import VectorStores

/// What servers do that they should not, and the sentence about it.
@Suite struct LlamaStackFaultTests {
  static let error = "llama-stack: POST /v1/vector-io/query of SERVER "

  @Test(arguments: [
    (
      [FaultServer.Step.answer(status: 400, #"{"detail":"Invalid value: k must be positive"}"#)],
      error + "was answered with HTTP status 400: Invalid value: k must be positive"
    ),
    (
      [
        .answer(
          status: 400,
          #"{"error":{"detail":{"errors":[{"loc":["body","query"],"msg":"Field required","type":"missing"},{"msg":"no"}]}}}"#
        )
      ],
      error + "was answered with HTTP status 400: body.query: Field required; no"
    ),
    (
      [.answer(status: 500, #"{"detail":"Internal server error: An unexpected error occurred."}"#)],
      error
        + "was answered with HTTP status 500: Internal server error: An unexpected error occurred.; the server's log says which"
    ),
    (
      [.answer(status: 404, #"{"detail":"Not Found"}"#)],
      error + "is no route there (HTTP status 404); Llama Stack has it in its releases 0.2"
    ),
    ([.answer(status: 503, #"{"busy":1}"#)], error + "was answered with HTTP status 503: '{\"busy\":1}'"),
    (
      [.answer(status: 502, type: "text/html", "<html><title>Bad Gateway</title>")],
      error
        + "answered with a page of HTML (HTTP status 502, titled 'Bad Gateway'), not with JSON; another server is at this address"
    ),
    (
      [.answer(type: "text/html", " <!doctype html>")],
      error + "answered with a page of HTML (HTTP status 200), not with JSON; another server is at this address"
    ),
    (
      [.answer(#"{"chunks":[{"content":"a"#)],
      error + "answered with JSON that ends after 24 bytes, in the middle of a value; ask again"
    ),
    (
      [.answer(#"{"chunks":[{"content":"a"}]}"#)],
      "llama-stack: POST /v1/vector-io/query answered without as many 'scores' as 'chunks': {\"chunks\":[{\"content\":\"a\"}]}"
    ),
    (
      [.answer(#"{"chunks":[{"content":"a"}],"scores":[]}"#)],
      "llama-stack: POST /v1/vector-io/query answered without as many 'scores' as 'chunks': {\"chunks\":[{\"content\":\"a\"}],\"scores\":[]}"
    ),
    (
      [.answer(status: 401, #"{"detail":"key secret is wrong"}"#)],
      error + "refused the key from LLAMA_STACK_API_KEY; set LLAMA_STACK_API_KEY to one that it accepts"
    ),
    ([.close], "llama-stack: SERVER/v1/vector-io/query broke off its answer"),
  ])
  func saysWhatAServerDidWrong(steps: [FaultServer.Step], sentence: String) throws {
    let fixture = try LlamaStackFixture { $0.databases["faq"] = ("minilm", 3) }
    let store = try fixture.store(environment: ["LLAMA_STACK_API_KEY": "secret"])
    _ = try store.collections()
    try store.optimize(collection: "faq")
    fixture.server.become { _, _ in steps }
    let failure = #expect(throws: VectorStoreError.self) { try store.search(texts: ["a"], limit: 1, in: "faq") }
    let text = "\(failure!)".replacing(fixture.server.url, with: "SERVER")
    #expect(text.hasPrefix(sentence), "\(text)")
    #expect(!text.contains("secret"))
  }

  @Test func needsAServerThatIsThere() throws {
    let fixture = try LlamaStackFixture()
    fixture.server.become { _, _ in [.answer(#"{"object":"list"}"#)] }
    let strange = #expect(throws: VectorStoreError.self) { try fixture.store() }
    #expect("\(strange!)".contains("answered without a list 'data'; is it Llama Stack, release 0.2?"))
    fixture.server.die()
    let down = #expect(throws: VectorStoreError.self) { try fixture.store() }
    #expect("\(down!)".contains("start it with scripts/systems up llama-stack"), "\(down!)")
  }

  @Test func keepsItsKeyToItself() throws {
    let specification = try StoreSpecification(parsing: "llama-stack:url=http://example.org:8321")
    let failure = #expect(throws: VectorStoreError.self) {
      try StoreFactory.open(specification, environment: ["LLAMA_STACK_API_KEY": "secret"])
    }
    #expect("\(failure!)".contains("would go to example.org unencrypted") && !"\(failure!)".contains("secret"))
    #expect(throws: VectorStoreError.self) {
      try StoreFactory.open(StoreSpecification(kind: "llama-stack", parameters: ["uri": "x"]), environment: [:])
    }
  }

  /// What a real server, 0.2.12, said.
  @Test func understandsARealServer() throws {
    guard let captured = try ReplayTranscript.reference("llama-stack/llamastack-curl.txt") else { return }
    let server = try ReplayServer(captured, anyBody: true)
    let llama = try LlamaStackServer(url: server.url, environment: [:])
    #expect(try llama.model(.embedding, named: nil).dimension == 384)
    #expect(try llama.model(.llm, named: nil).name == "dummy-llm")
    let database = "test-vector-db-1795147432"
    #expect(try llama.vectorDatabases().map(\.name) == [database, "x1"])
    let store = try LlamaStackStore(server: llama)
    // Whoever captured it cut long answers off.
    let cut = #expect(throws: VectorStoreError.self) {
      try store.search(texts: ["what is lora"], limit: 1, in: database)
    }
    #expect("\(cut!)".contains("answered with JSON that ends after"), "\(cut!)")
    let failure = #expect(throws: VectorStoreError.self) { try store.create(.chunks("x9", dimension: 384)) }
    #expect("\(failure!)".hasSuffix("was answered with HTTP status 400: Invalid value: Model nope not found"))
    try store.drop(collection: "x1")
    #expect(server.strangers.isEmpty)
  }
}
