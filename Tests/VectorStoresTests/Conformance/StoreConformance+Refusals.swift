import Foundation
import Statistics
import Testing
import VectorIndexes
import VectorStores

extension StoreConformance {
  /// Keys that the store gives, fields by name, and rows without any.
  func givesKeysAndFields(_ metric: StoreMetric) throws {
    var random = SplitMix64(seed: 11)
    let store = try open()
    try store.create(
      CollectionSchema(name: collection, dimension: dimension, metric: metric, keyType: .integer, autoID: true))
    defer { try? store.drop(collection: collection) }
    let rows = (0..<9).map { place in
      StoreRow(
        key: nil, vector: random.vector(dimension),
        fields: place == 0 ? [:] : ["a": .integer(Int64(place)), "b": .null])
    }
    let first = try store.insert(Array(rows[..<4]), into: collection)
    let second = try store.insert(Array(rows[4...]), into: collection)
    let keys = first.keys + second.keys
    #expect(Set(keys).count == rows.count, "\(name)")
    try wait { try store.query(QueryRequest(), in: collection).count == rows.count }
    let hits = try store.search(
      SearchRequest(vectors: rows[7].vector, limit: 1, outputFields: .named(["a", "none"])), in: collection)
    #expect(hits.map { $0.map(\.key) } == [[keys[7]]], "\(name)")
    #expect(hits.first?.first?.fields == ["a": .integer(7)], "\(name)")
    #expect(
      try store.query(QueryRequest(outputFields: .none), in: collection).allSatisfy { $0.fields.isEmpty }, "\(name)")
    #expect(throws: VectorStoreError.self, "\(name)") { try store.upsert(rows, into: collection) }
    #expect(throws: VectorStoreError.self, "\(name)") {
      try store.insert([StoreRow(key: .integer(1), vector: rows[0].vector)], into: collection)
    }
  }

  /// Each refusal names what is at fault, and nothing is stored.
  func refusesWhatCannotBe(_ metric: StoreMetric) throws {
    var random = SplitMix64(seed: 5)
    let store = try open()
    let schema = CollectionSchema(name: collection, dimension: dimension, metric: metric, keyType: .integer)
    try store.create(schema)
    defer { try? store.drop(collection: collection) }
    #expect(throws: VectorStoreError.collectionExists(collection), "\(name)") { try store.create(schema) }
    #expect(throws: VectorStoreError.self, "\(name)") { try store.create(.small("not a name")) }

    func row(_ key: Int64) -> StoreRow { StoreRow(key: .integer(key), vector: random.vector(dimension)) }
    try _ = store.insert([row(1), row(2)], into: collection)
    try wait { try store.query(QueryRequest(), in: collection).count == 2 }
    let refused: [(row: Int, batch: [StoreRow])] = [
      (2, [row(3), row(4), StoreRow(key: .integer(5), vector: [1])]),
      (1, [row(3), StoreRow(key: .string("4"), vector: random.vector(dimension))]),
      (1, [row(3), StoreRow(key: nil, vector: random.vector(dimension))]),
      (0, [StoreRow(key: .integer(3), vector: [Float](repeating: .nan, count: dimension)), row(4)]),
      (1, [row(3), StoreRow(key: .integer(4), vector: random.vector(dimension), fields: ["id": .null])]),
    ]
    for (place, batch) in refused {
      for replaces in [false, true] {
        do {
          _ = try replaces ? store.upsert(batch, into: collection) : store.insert(batch, into: collection)
          Issue.record("\(name) took \(batch)")
        } catch VectorStoreError.invalidRow(let row, _) { #expect(row == place, "\(name)") }
      }
    }
    #expect(throws: VectorStoreError.duplicateKey(.integer(2), row: 1), "\(name)") {
      try store.insert([row(3), row(2)], into: collection)
    }
    #expect(throws: VectorStoreError.duplicateKey(.integer(3), row: 2), "\(name)") {
      try store.insert([row(3), row(4), row(3)], into: collection)
    }
    #expect(throws: VectorStoreError.self, "\(name)") { try store.upsert([row(3), row(3)], into: collection) }
    #expect(try store.delete([.string("1"), .integer(77)], from: collection) == 0 || !counts, "\(name)")
    #expect(try store.query(QueryRequest(), in: collection).map(\.key) == [.integer(1), .integer(2)], "\(name)")

    let query = random.vector(dimension)
    for request in [
      SearchRequest(vectors: query, limit: 0), SearchRequest(vectors: [1, 2], limit: 1),
      SearchRequest(vectors: [Float](repeating: .infinity, count: dimension), limit: 1),
      SearchRequest(vectors: query, limit: 1, filter: "a >"),
    ] {
      #expect(throws: VectorStoreError.self, "\(name)") { try store.search(request, in: collection) }
    }
    #expect(throws: VectorStoreError.self, "\(name)") { try store.query(QueryRequest(offset: -1), in: collection) }
    #expect(throws: VectorStoreError.self, "\(name)") { try store.delete(matching: "", from: collection) }
    #expect(try store.search(SearchRequest(vectors: [], limit: 1), in: collection).isEmpty, "\(name)")
    #expect(try store.search(SearchRequest(vectors: query, limit: 500), in: collection)[0].count == 2, "\(name)")

    try store.drop(collection: collection)
    do {
      _ = try store.insert([row(1)], into: collection)
      Issue.record("\(name) inserted into what was dropped")
    } catch VectorStoreError.noSuchCollection(let missing, _) { #expect(missing == collection, "\(name)") }
    #expect(throws: VectorStoreError.self, "\(name)") { try store.drop(collection: collection) }
    #expect(try !store.collections().contains { $0.schema.name == collection }, "\(name)")
  }

  /// Until it holds, or the store's patience is over.
  private func wait(_ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + patience
    while try !condition() {
      guard ContinuousClock.now < deadline else {
        Issue.record("\(name) does not show what it has acknowledged")
        return
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }
}
