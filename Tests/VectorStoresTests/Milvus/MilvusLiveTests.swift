import Foundation
import Statistics
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// Against a real server: `scripts/systems up milvus; eval "$(scripts/systems env milvus)"`.
@Suite(.serialized) struct MilvusLiveTests {
  private static let environment = ProcessInfo.processInfo.environment

  private func open(_ parameters: [String: String] = [:], alone: Bool = false) throws -> (any VectorStore)? {
    guard let url = Self.environment["RAGMETER_MILVUS_URL"] else {
      print("skipped: no Milvus is asked, for RAGMETER_MILVUS_URL names none; scripts/systems up milvus starts one")
      return nil
    }
    var parameters = parameters.merging(["url": url]) { given, _ in given }
    if !alone, let admin = Self.environment["RAGMETER_MILVUS_ADMIN"] { parameters["admin"] = admin }
    return try StoreFactory.open(
      StoreSpecification(kind: "milvus", parameters: parameters), environment: Self.environment)
  }

  private func hasAdmin() -> Bool { Self.environment["RAGMETER_MILVUS_ADMIN"] != nil }

  /// A collection of its own, which goes when the body has run.
  private func with(
    _ store: any VectorStore, _ schema: CollectionSchema, _ body: (String) throws -> Void
  ) throws {
    var schema = schema
    schema.name = "ragmeter_test_\(UInt32.random(in: 0...UInt32.max))"
    try store.create(schema)
    defer { try? store.drop(collection: schema.name) }
    try body(schema.name)
  }

  @Test func aCollectionWithItsOwnKeysLivesAsOursDoes() throws {
    guard hasAdmin(), let store = try open() else { return }
    var schema = CollectionSchema.small(
      dimension: 8, metric: .cosine, keyType: .string, kind: "hnsw", ["m": "8", "ef_construction": "64"])
    schema.properties = ["embedder": "hashing", "words": "ä \"quoted\"\n"]
    try with(store, schema) { name in
      #expect(throws: VectorStoreError.collectionExists(name)) {
        var again = schema
        again.name = name
        try store.create(again)
      }
      var generator = SplitMix64(seed: 7)
      let rows = (0..<40).map { number in
        StoreRow(
          key: .string("döc \"\(number)\"#\(number % 3)"), vector: generator.vector(8),
          fields: [
            "n": .integer(Int64(number)), "text": .string("text\n\(number)"), "tiny": .number(1e-05 + Double(number)),
            "nested": .object(["a": .array([.integer(1), .string("x")])]), "small": .number(1e-07),
          ])
      }
      #expect(try store.insert(rows, into: name).keys == rows.compactMap(\.key))
      let found = try store.search(
        SearchRequest(vectors: rows[3].vector + rows[9].vector, limit: 5, outputFields: .all), in: name)
      #expect(found.map(\.count) == [5, 5])
      for (hits, row) in zip(found, [rows[3], rows[9]]) {
        #expect(hits[0].key == row.key)
        #expect(hits[0].fields == row.fields)
        #expect(abs(hits[0].distance - 1) < 1e-5)
        for hit in hits {
          let other = rows.first { $0.key == hit.key }
          #expect(abs(Double(hit.distance) - exactDistance(row.vector, other?.vector ?? [], .cosine)) < 1e-5)
        }
      }
      let filtered = try store.search(
        SearchRequest(vectors: rows[3].vector, limit: 5, filter: "n > 30", outputFields: .named(["n"])), in: name)[0]
      #expect(filtered.count == 5)
      #expect(filtered.allSatisfy { $0.fields.keys.sorted() == ["n"] })

      let queried = try store.query(
        QueryRequest(filter: "n in [3, 9]", includesVectors: true), in: name)
      #expect(queried == [rows[3], rows[9]].sorted { "\($0.key!)".utf8.lexicographicallyPrecedes("\($1.key!)".utf8) })
      #expect(try store.query(QueryRequest(outputFields: .none), in: name).count == 40)
      #expect(try store.query(QueryRequest(outputFields: .none, limit: 3, offset: 38), in: name).count == 2)

      var changed = rows[3]
      changed.fields = ["n": .integer(1_000)]
      #expect(try store.upsert([changed], into: name).keys == [changed.key])
      #expect(try store.query(QueryRequest(filter: "n == 1000"), in: name).map(\.key) == [changed.key])
      #expect(try store.query(QueryRequest(filter: "n == 3"), in: name).isEmpty)
      #expect(try store.delete([rows[0].key!, .string("none")], from: name) == 1)
      #expect(try store.delete(matching: "n > 35", from: name) == 5)
      try store.optimize(collection: name)
      let description = try store.collections().first { $0.schema.name == name }
      #expect(description?.rows == 34)
      #expect(description?.schema.properties == schema.properties)
      #expect(description?.schema.index == schema.index)
      #expect(description?.schema.metric == .cosine)
      #expect(description?.schema.dimension == 8)
      #expect(description?.schema.keyType == .string)
      #expect(try store.diskBytes(of: name) == nil)
    }
  }

  @Test func searchesAreExactOverFlatAndFasterOverFewerLists() throws {
    guard hasAdmin(), let store = try open() else { return }
    var generator = SplitMix64(seed: 11)
    let rows = (0..<1_500).map { StoreRow(key: .integer(Int64($0)), vector: generator.vector(16)) }
    let question = generator.vector(16)
    let nearest = rows.map { exactDistance(question, $0.vector, .l2) }.sorted().prefix(10)
    for (kind, parameters) in [("flat", [:]), ("ivf", ["nlist": "16"])] {
      try with(store, .small(dimension: 16, metric: .l2, kind: kind, parameters)) { name in
        _ = try store.insert(rows, into: name)
        try store.optimize(collection: name)
        #expect(try store.collections().first { $0.schema.name == name }?.indexedRows == 1_500)
        func distances(_ nprobe: Int) throws -> [Double] {
          try store.search(
            SearchRequest(vectors: question, limit: 10, parameters: SearchParameters(nprobe: nprobe)), in: name)[0]
            .map { Double($0.distance) }
        }
        for (found, exact) in zip(try distances(16), nearest) { #expect(abs(found - exact) < 1e-4) }
        // One list of sixteen does not hold all ten nearest of random vectors.
        if kind == "ivf" { #expect(try distances(1).last! > nearest.last! + 1e-4) }
      }
    }
  }

  @Test func versionOneAloneHoldsCollectionsWhoseKeysItGives() throws {
    guard let store = try open(alone: true) else { return }
    try with(store, .small(dimension: 4, metric: .ip, autoID: true, kind: "auto")) { name in
      let rows = (0..<5).map {
        StoreRow(key: nil, vector: [Float($0), 1, 0, 0.25], fields: ["n": .integer(Int64($0)), "x": .number(1e-05)])
      }
      let keys = try store.insert(rows, into: name).keys
      #expect(Set(keys).count == 5)
      try store.optimize(collection: name)
      // Acknowledged rows are seen after a while.
      var hits: [SearchHit] = []
      for _ in 0..<100 where hits.count < 3 {
        hits = try store.search(
          SearchRequest(vectors: [1, 0, 0, 0], limit: 3, filter: "n < 4", outputFields: .all), in: name)[0]
      }
      #expect(hits.map(\.key) == [keys[3], keys[2], keys[1]])
      #expect(hits.map(\.distance) == [3, 2, 1])
      #expect(hits[0].fields == ["n": .integer(3), "x": .number(1e-05)])
      #expect(
        failure { _ = try store.upsert([StoreRow(key: nil, vector: [0, 0, 0, 0])], into: name) }?
          .contains("cannot replace its rows") == true)
      #expect(try store.delete([keys[0]], from: name) == 1)
    }
    #expect(
      failure { try store.create(.small("ragmeter_never")) }
        == "milvus: cannot make a collection whose rows bring their keys over REST v1 alone; name the server's other port too, as in milvus:admin=http://127.0.0.1:9091"
    )
  }

  @Test func refusalsAreSentences() throws {
    guard hasAdmin(), let store = try open() else { return }
    try with(store, .small(dimension: 4)) { name in
      _ = try store.insert([StoreRow(key: .integer(1), vector: [1, 2, 3, 4])], into: name)
      func sentence(_ body: () throws -> Void) -> String {
        (failure(body) ?? "none").replacing(name, with: "C")
      }
      #expect(
        sentence { _ = try store.insert([StoreRow(key: .integer(2), vector: [1, 2, 3])], into: name) }
          == "row 0 of the batch has a vector of dimension 3, and the collection 4; nothing of the batch was stored")
      #expect(
        sentence { _ = try store.insert([StoreRow(key: .string("a"), vector: [1, 2, 3, 4])], into: name) }
          == "row 0 of the batch has a string as its key, and the collection has integers; nothing of the batch was stored"
      )
      #expect(
        sentence { _ = try store.search(SearchRequest(vectors: [1, 2, 3], limit: 1), in: name) }
          == "3 numbers are no vectors of dimension 4, which collection 'C' has")
      let filter = sentence {
        _ = try store.search(SearchRequest(vectors: [1, 2, 3, 4], limit: 1, filter: "n >>> 2"), in: name)
      }
      #expect(filter.hasPrefix("filter 'n >>> 2': column 5: failed to create query plan"))
      #expect(sentence { _ = try store.query(QueryRequest(filter: "n >"), in: name) }.hasPrefix("filter 'n >': column"))
    }
    let missing = failure { _ = try store.search(SearchRequest(vectors: [1, 2], limit: 1), in: "ragmeter_missing") }
    #expect(missing?.hasPrefix("no collection is called 'ragmeter_missing'; there") == true)
    #expect(failure { try store.drop(collection: "ragmeter_missing") }?.hasPrefix("no collection is called") == true)
  }
}
