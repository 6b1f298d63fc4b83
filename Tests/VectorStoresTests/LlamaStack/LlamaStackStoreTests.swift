import Foundation
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

@Suite struct LlamaStackStoreTests {
  static func row(_ key: PrimaryKey, _ text: String, vector: [Float] = [], _ fields: [String: FieldValue] = [:])
    -> StoreRow
  {
    StoreRow(key: key, vector: vector, fields: fields.merging(["text": .string(text)]) { $1 })
  }

  @Test func givesRowsBackAsTheyWentIn() throws {
    let fixture = try LlamaStackFixture()
    let store = try fixture.store(environment: ["LLAMA_STACK_API_KEY": "secret"])
    try store.create(.chunks())
    let rows = [
      Self.row(
        .string("guide#0"), "Low \"rank\"\n", vector: [0.1, -2.5, 3e-8],
        ["document": .string("guide"), "index": .integer(0), "metadata": .object(["a": .array([.null, .bool(true)])])]),
      Self.row(.integer(-7), "no vector", ["n": .number(0.5)]),
    ]
    #expect(try store.insert(rows, into: "faq") == WriteResult(keys: [.string("guide#0"), .integer(-7)]))
    let hits = try store.search(texts: ["what?", "and?"], limit: 2, in: "faq")
    #expect(hits.count == 2 && hits[0] == hits[1])
    #expect(hits[0].map(\.key) == rows.map(\.key) && hits[0].map(\.distance) == [0.75, 0.5])
    #expect(hits[0].map(\.fields) == rows.map(\.fields))
    #expect(try store.search(texts: ["what?"], limit: 1, in: "faq")[0].count == 1)
    #expect(try store.search(texts: ["what?"], limit: 9, in: "faq")[0].count == 2)

    let insert = try #require(try fixture.bodies("/v1/vector-io/insert").first)
    let chunk = try #require(insert["chunks"]?.array?.first)
    #expect(insert["vector_db_id"] == .string("faq"))
    #expect(chunk["content"] == .string("Low \"rank\"\n") && chunk["metadata"]?["document_id"] == .string("guide"))
    #expect(chunk["embedding"]?.array?.compactMap { $0.number.map { Float($0) } } == [0.1, -2.5, 3e-8])
    #expect(insert["chunks"]?.array?[1]["embedding"] == nil)
    #expect(insert["chunks"]?.array?[1]["metadata"]?["document_id"] == .string("-7"))
    let query = try #require(try fixture.bodies("/v1/vector-io/query").first)
    #expect(query["query"] == .string("what?") && query["params"]?["score_threshold"]?.number == -1)
    #expect(fixture.server.requests.allSatisfy { $0.field("authorization") == "Bearer secret" })
    #expect(fixture.server.connections == 1)

    let described = try #require(try store.collections().first)
    #expect(described.rows == 2 && described.schema.dimension == 3 && described.schema.metric == .cosine)
    #expect(described.schema.properties == ["server_embedder": "minilm", "provider": "milvus"])
    try store.optimize(collection: "faq")
    try store.drop(collection: "faq")
    #expect(fixture.databases.isEmpty)
    #expect(throws: VectorStoreError.noSuchCollection("faq", known: [])) { try store.drop(collection: "faq") }
    #expect(throws: VectorStoreError.noSuchCollection("faq", known: [])) { try store.insert(rows, into: "faq") }
  }

  /// Chunks of the rag tool have no key of ours: the same text of the same document has the same key, whenever it is found.
  @Test func givesChunksOfOthersKeys() throws {
    let fixture = try LlamaStackFixture {
      $0.databases["test-vector-db-1"] = ("minilm", 3)
      $0.chunks["test-vector-db-1"] = ["a", "b", "a"].map {
        .object([
          "content": .array([.object(["type": .string("text"), "text": .string($0)])]),
          "metadata": .object(["document_id": .string("num-0"), "token_count": .integer(4)]),
        ])
      }
    }
    let hits = try fixture.store().search(texts: ["x"], limit: 3, in: "test-vector-db-1")[0]
    #expect(hits[0].key == .string("num-0#ca978112ca1b") && hits[0].key == hits[2].key && hits[0].key != hits[1].key)
    #expect(
      hits[0].fields == ["text": .string("a"), "document": .string("num-0"), "token_count": .integer(4)])
  }

  @Test func findsNothingInWhatIsEmpty() throws {
    let fixture = try LlamaStackFixture()
    let store = try fixture.store()
    try store.create(.chunks())
    // The server would answer 500.
    #expect(try store.search(texts: ["a", "b"], limit: 3, in: "faq") == [[], []])
    #expect(try store.insert([], into: "faq").keys.isEmpty)
    // Another process cannot know why.
    let failure = #expect(throws: VectorStoreError.self) {
      try fixture.store().search(texts: ["a"], limit: 3, in: "faq")
    }
    #expect(
      "\(failure!)".contains("HTTP status 500: Internal server error: An unexpected error occurred."), "\(failure!)")
  }

  @Test func refusesCollectionsThatCannotBe() throws {
    let fixture = try LlamaStackFixture { $0.databases["there"] = ("other", 3) }
    let store = try fixture.store()
    func refusal(_ schema: CollectionSchema, _ store: LlamaStackStore? = nil) throws -> String {
      let error = #expect(throws: VectorStoreError.self) { try (store ?? fixture.store()).create(schema) }
      return error.map { "\($0)" } ?? ""
    }
    #expect(throws: VectorStoreError.collectionExists("there")) { try store.create(.chunks("there")) }
    #expect(try refusal(.chunks(metric: .l2)).contains("compares by COSINE"))
    #expect(try refusal(.chunks(index: "hnsw")).contains("takes no hnsw; say 'auto'"))
    #expect(
      try refusal(.chunks(dimension: 4)).contains("would have dimension 4, and the server's embedder 'minilm' makes"))
    #expect(try refusal(.chunks("a/b")).contains("cannot be called 'a/b'"))
    #expect(try refusal(.chunks(".."), store).contains("cannot be called '..'"))
    #expect(try refusal(.chunks(), fixture.store(["embedder": "minilmm"])).contains("'minilmm'; did you mean 'minilm'"))
    var schema = CollectionSchema.chunks()
    schema.keyType = .integer
    schema.autoID = true
    #expect(try refusal(schema).contains("gives rows no keys"))
    #expect(fixture.databases == ["there"])

    try store.create(.chunks("exact", index: "flat"))
    fixture.change { $0.provider = "remote::milvus" }
    #expect(try refusal(.chunks(index: "flat")).contains("by provider remote::milvus, which may build any index"))
    fixture.change {
      $0.models.append(#"{"identifier":"bge","metadata":{"embedding_dimension":3},"model_type":"embedding"}"#)
    }
    #expect(try refusal(.chunks()).contains("several embedding models; name one of minilm, bge"))
    fixture.change { $0.models = [] }
    #expect(try refusal(.chunks()).contains("has no embedding model; add one"))
  }

  /// Releases 0.2 pass over the dimension that they are asked for.
  @Test func removesWhatCameOutOtherwise() throws {
    let fixture = try LlamaStackFixture {
      $0.models = [#"{"identifier":"minilm","metadata":{},"model_type":"embedding"}"#]
      $0.dimension = 384
    }
    let failure = #expect(throws: VectorStoreError.self) { try fixture.store().create(.chunks()) }
    #expect("\(failure!)".contains("came out with embedder 'minilm' of dimension 384"))
    #expect(fixture.databases.isEmpty)
  }

  @Test func refusesRowsThatAreNoChunks() throws {
    let fixture = try LlamaStackFixture()
    let store = try fixture.store()
    try store.create(.chunks(metric: .ip))
    let good = Self.row(.string("a"), "a", vector: [0, 0.6, 0.8])
    let bad: [(StoreRow, String)] = [
      (StoreRow(key: .string("b"), vector: [0, 0, 1]), "has no field 'text'"),
      (Self.row(.string("b"), "b", vector: [1, 0]), "dimension 2, and the collection 3"),
      (Self.row(.string("b"), "b", vector: [.nan, 0, 0]), "not finite"),
      (Self.row(.string("b"), "b", vector: [3, 0, 4]), "of length 5.0"),
      (Self.row(.string("b"), " \n"), "neither a vector nor a text"),
      (Self.row(.string("b"), "b", ["document_id": .string("x")]), "the store's own"),
      (StoreRow(key: nil, vector: [0, 0, 1], fields: ["text": .string("b")]), "has no key"),
    ]
    for (row, reason) in bad {
      let error = #expect(throws: VectorStoreError.self) { try store.insert([good, row], into: "faq") }
      #expect("\(error!)".contains(reason) && "\(error!)".hasPrefix("row 1 of the batch"), "\(error!)")
    }
    #expect(throws: VectorStoreError.duplicateKey(.string("a"), row: 1)) {
      try store.insert([good, good], into: "faq")
    }
    #expect(try fixture.bodies("/v1/vector-io/insert").isEmpty)
    #expect(try store.insert([good], into: "faq").keys == [.string("a")])
  }

  @Test func saysWhatItCannotDo() throws {
    let fixture = try LlamaStackFixture { $0.databases["faq"] = ("minilm", 3) }
    let store = try fixture.store()
    let attempts: [() throws -> Void] = [
      { _ = try store.search(SearchRequest(vectors: [0, 0, 1], limit: 1), in: "faq") },
      { _ = try store.upsert([], into: "faq") }, { _ = try store.delete([.integer(1)], from: "faq") },
      { _ = try store.delete(matching: "a == 1", from: "faq") }, { _ = try store.query(QueryRequest(), in: "faq") },
    ]
    for attempt in attempts {
      let error = #expect(throws: VectorStoreError.self) { try attempt() }
      guard case .unsupported("llama-stack", _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    #expect(throws: VectorStoreError.invalidArgument("limit is 0; ask for one hit at least")) {
      try store.search(texts: ["a"], limit: 0, in: "faq")
    }
    #expect(throws: VectorStoreError.invalidArgument("text 1 is empty; say what to search for")) {
      fixture.change { $0.chunks["faq"] = [] }
      _ = try store.search(texts: ["a", " "], limit: 1, in: "faq")
    }
    #expect(try store.diskBytes(of: "faq") == nil)
  }

  /// Vectors of one embedder and questions of another have nothing to do with each other.
  @Test func refusesADatabaseOfAnotherEmbedder() throws {
    let fixture = try LlamaStackFixture { $0.databases["faq"] = ("other", 3) }
    let store = try fixture.store(["embedder": "minilm"])
    let error = #expect(throws: VectorStoreError.self) { try store.search(texts: ["a"], limit: 1, in: "faq") }
    #expect("\(error!)".contains("'faq' embeds by 'other', not by 'minilm'"))
    #expect(throws: VectorStoreError.noSuchCollection("faqs", known: ["faq"])) {
      try store.search(texts: ["a"], limit: 1, in: "faqs")
    }
  }
}
