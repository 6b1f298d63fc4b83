import Foundation
import Testing
import VectorStores

/// Against a real server: `scripts/systems up llama-stack`.
@Suite struct LlamaStackLiveTests {
  @Test func keepsRowsAndFindsThem() throws {
    let environment = ProcessInfo.processInfo.environment
    guard let url = environment["RAGMETER_LLAMA_STACK_URL"] else {
      print("skipped: RAGMETER_LLAMA_STACK_URL names no server; scripts/systems up llama-stack starts one")
      return
    }
    let store = try LlamaStackStore(server: LlamaStackServer(url: url, environment: environment))
    let dimension = try #require(try store.serversEmbedder().dimension)
    let name = "ragmeter_test_\(UInt32.random(in: 0 ... .max))"
    try store.create(.chunks(name, dimension: dimension))
    defer { try? store.drop(collection: name) }
    #expect(throws: VectorStoreError.collectionExists(name)) { try store.create(.chunks(name, dimension: dimension)) }
    #expect(try store.search(texts: ["anything"], limit: 3, in: name) == [[]])

    let rows = [
      LlamaStackStoreTests.row(
        .string("lora#0"), "LoRA adds low-rank matrices to a frozen model.",
        ["n": .integer(1), "list": .array([.null, .bool(true)])]),
      LlamaStackStoreTests.row(.integer(7), "HNSW is a graph of several layers that is searched greedily."),
      // Opposite to nothing, but far from all: a threshold of 0 would keep it back where its cosine is negative.
      LlamaStackStoreTests.row(.string("axis"), "axis", vector: (0..<dimension).map { $0 == 0 ? -1 : 0 }),
    ]
    #expect(try store.insert(rows, into: name).keys == rows.compactMap(\.key))
    // Rows are there when they are acknowledged.
    let hits = try store.search(texts: ["What is LoRA?", "nearest neighbour graph"], limit: 3, in: name)
    #expect(hits.map(\.count) == [3, 3] && hits.map { $0[0].key } == [.string("lora#0"), .integer(7)])
    #expect(hits[0][0].fields == rows[0].fields && hits[1][0].fields == rows[1].fields)
    #expect(hits.allSatisfy { found in zip(found, found.dropFirst()).allSatisfy { $0.distance >= $1.distance } })

    var wrong = rows[2]
    wrong.vector.removeLast()
    #expect(throws: VectorStoreError.self) { try store.insert([wrong], into: name) }
    // What the server itself says of it.
    let refusal = #expect(throws: VectorStoreError.self) {
      try store.server.post(
        "/v1/vector-io/insert",
        .object([
          "vector_db_id": .string(name),
          "chunks": .array([
            .object([
              "content": .string("x"), "metadata": .object(["document_id": .string("x")]),
              "embedding": .array([.number(1)]),
            ])
          ]),
        ]))
    }
    #expect(
      "\(refusal!)".contains("was answered with HTTP status 400: "), "\(refusal!)")
    try store.drop(collection: name)
    #expect(try !store.collections().contains { $0.schema.name == name })
    #expect(throws: VectorStoreError.self) { try store.drop(collection: name) }
  }
}
