import Documents
import Foundation
import Generation
import GenerationClient
import ModelFiles
import RAGPipeline
import Testing
import VectorIndexes
import VectorStores

/// Against a real server: `scripts/systems up llama-stack`.
@Suite(.serialized) struct LlamaStackLiveTests {
  static func llama() throws -> LlamaStackServer? {
    let environment = ProcessInfo.processInfo.environment
    guard let url = environment["RAGMETER_LLAMA_STACK_URL"] else {
      print("skipped: RAGMETER_LLAMA_STACK_URL names no server; scripts/systems up llama-stack starts one")
      return nil
    }
    return try LlamaStackServer(url: url, environment: environment)
  }

  /// A collection with two short documents that the server has cut and embedded.
  static func filled(_ llama: LlamaStackServer, _ body: (String) async throws -> Void) async throws {
    let store = try LlamaStackStore(server: llama)
    let name = "ragmeter_test_\(UInt32.random(in: 0 ... .max))"
    var schema = CollectionSchema(
      name: name, dimension: try #require(try store.serversEmbedder().dimension), metric: .cosine, keyType: .string)
    schema.index.kind = LlamaStackStore.serversChoice
    try store.create(schema)
    defer { try? store.drop(collection: name) }
    let documents = [
      Document(id: "lora", text: "LoRA adds low-rank matrices to a frozen model.", source: "lora.md"),
      // It would be fetched if it were taken for an address.
      Document(id: "hnsw", text: "http://127.0.0.1:9/ is no text about HNSW, a graph of layers.", source: "hnsw.md"),
    ]
    try LlamaStackRAGTool(server: llama, databases: [name], now: { 0 })
      .insert(documents, into: name, chunkTokens: 64)
    try await body(name)
  }

  @Test func findsWhatTheToolInserted() async throws {
    guard let llama = try Self.llama() else { return }
    try await Self.filled(llama) { name in
      let clock = AgentTests.clock()
      let tool = try LlamaStackRAGTool(server: llama, databases: [name], now: clock).retrieve("What is LoRA?", limit: 2)
      #expect(tool.passages.first?.document == "lora" && tool.spans.map(\.stage) == [.search])
      let store = try LlamaStackStore(server: llama)
      let found = try TextSearchRetriever(store: store, collection: name, now: clock).retrieve("HNSW graph", limit: 1)
      #expect(found.passages.map(\.source) == ["hnsw.md"] && found.passages.map(\.document) == ["hnsw"])
      let again = try LlamaStackRAGTool(server: llama, databases: [name], now: clock).retrieve("HNSW graph", limit: 1)
      #expect(again.passages.map(\.key) == found.passages.map(\.key))
    }
  }

  /// A model that calls no tools, or a server that takes none, makes no agent; then the turn says so in one sentence.
  @Test func asksAnAgent() async throws {
    guard let llama = try Self.llama() else { return }
    try await Self.filled(llama) { name in
      var options = LlamaStackAgent.Options()
      options.limit = 1
      options.sampling.temperature = 0
      options.sampling.maxTokens = 16
      let agent = try LlamaStackAgent(server: llama, databases: [name], options: options, now: AgentTests.clock())
      do {
        let answer = try await agent.answer("What is LoRA?", history: [])
        #expect(!answer.choices[0].text.isEmpty && answer.spans.last?.stage == .decode)
        print("the agent said: \(answer.choices[0].text), from \(answer.context.sources.map(\.source))")
      } catch let error as RAGError {
        #expect(error.description.hasPrefix("Llama Stack broke off the turn: "), "\(error)")
        print("no answer of an agent, for its model calls no tools: \(error)")
      }
      try agent.close()
    }
  }

  @Test func generatesByItsRoutes() async throws {
    guard let llama = try Self.llama() else { return }
    let url = ProcessInfo.processInfo.environment["RAGMETER_LLAMA_STACK_URL"]
    let generator = try RemoteGenerator(
      server: ServerProfile(url: url, preset: "llama-stack"), model: try llama.model(.llm, named: nil).name, key: nil)
    var sampling = SamplingParameters()
    sampling.maxTokens = 4
    var tokens = 0
    var isFinished = false
    let request = GenerationRequest(prompt: .messages([.init(role: "user", content: "Hello")]), sampling: sampling)
    for try await event in try await generator.generate(request) {
      switch event {
      case .tokens: break
      case .finished: isFinished = true
      case .usage(_, let completion, _): tokens = completion
      }
    }
    #expect(isFinished && 1...4 ~= tokens)
  }
}
