import Foundation
import Statistics
import Testing
import VectorIndexes
import VectorStores

/// What every `VectorStore` promises, asked of one: the same seeded random operations on the store and on a dictionary, and
/// both must answer alike, however often the store is opened again.
struct StoreConformance {
  enum Filters {
    /// All of the grammar with its three values of truth; what the store cannot say exactly it refuses as unsupported.
    case exact
    /// Comparisons of integers that every row has: where the meaning of the rest is the system's own.
    case plain
    case none
  }

  /// In failures.
  var name: String
  /// Opens the store; once closed, again with what it held.
  var open: () throws -> any VectorStore
  /// Where a collection of another's may not be touched.
  var collection = "c"
  var filters = Filters.exact
  /// `eventually` sees what the last `optimize` made and no more, and `indexedRows` counts it.
  var holdsBackUnindexed = false
  /// How long a write that was acknowledged may take to be seen.
  var patience = Duration.zero
  /// Deleted and replaced rows are counted.
  var counts = true
  /// How far vectors may come back from what was stored.
  var vectorTolerance: Float = 0
  var dimension = 12
  var steps = 90

  /// What is asked of both after every step.
  private struct Question {
    var filter: RandomFilter?
    var limit: Int
    var offset: Int
    var queries: [[Float]]
    var isStrong: Bool
  }

  /// - Parameter index: approximate ones must find every row of some hundred with `ef` 500 or 4 lists probed.
  func answersAsADictionary(_ index: IndexSpecification, _ metric: StoreMetric, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var store = try open()
    let usesStrings = Bool.random(using: &random)
    let schema = CollectionSchema(
      name: collection, dimension: dimension, metric: metric, keyType: usesStrings ? .string : .integer, index: index,
      properties: ["embedder": "none", "été": "\"quoted\" \\ 日本"])
    // A run that was killed leaves it.
    try? store.drop(collection: collection)
    try store.create(schema)
    defer { try? store.drop(collection: collection) }
    var model = StoreModel()
    var refused = 0
    func anyKey() -> PrimaryKey {
      let number = Int64.random(in: -40...160, using: &random)
      return usesStrings ? .string(number % 7 == 0 ? "clé \(number)" : "\(number)") : .integer(number)
    }

    for step in 0..<steps {
      let place: Comment = "\(name), \(index.kind) \(metric), seed \(seed), step \(step)"
      switch Int.random(in: 0..<12, using: &random) {
      case 0...4:
        var batch: [StoreRow] = []
        for _ in 0..<Int.random(in: 1...30, using: &random) {
          let key = anyKey()
          if batch.contains(where: { $0.key == key }) { continue }
          batch.append(StoreRow(key: key, vector: random.vector(dimension), fields: fields(&random)))
        }
        let old = batch.indices.filter { model.rows[batch[$0].key!] != nil }
        if Bool.random(using: &random) || old.isEmpty {
          let result =
            try old.isEmpty ? store.insert(batch, into: collection) : store.upsert(batch, into: collection)
          #expect(result.keys == batch.map { $0.key! }, place)
          if counts { #expect(result.replaced == old.count, place) }
          model.write(batch)
        } else {
          let taken = VectorStoreError.duplicateKey(batch[old[0]].key!, row: old[0])
          #expect(throws: taken, place) { try store.insert(batch, into: collection) }
        }
      case 5:
        let keys = (0..<Int.random(in: 1...10, using: &random)).map { _ in anyKey() }
        let there = Set(keys).filter { model.rows[$0] != nil }
        let deleted = try store.delete(keys, from: collection)
        if counts { #expect(deleted == there.count, place) }
        model.remove(there)
      case 6:
        guard let filter = filter(&random) else { continue }
        let gone = model.matching(filter).map { $0.key! }
        if gone.count > model.rows.count / 2 { continue }
        do {
          let deleted = try store.delete(matching: filter.description, from: collection)
          if counts { #expect(deleted == gone.count, "\(place) \(filter)") }
          model.remove(gone)
        } catch VectorStoreError.unsupported { refused += 1 }
      case 7:
        try store.optimize(collection: collection)
        model.indexed = Set(model.rows.keys)
      case 8:
        try store.close()
        store = try open()
      default: break
      }
      try check(store, schema, model, &random, &refused, place)
    }
    #expect(model.rows.count > steps / 5)
    #expect(filters == .none || refused < steps, "\(name) refused nearly every filter")
  }

  private func fields(_ random: inout SplitMix64) -> [String: FieldValue] {
    var fields = RandomFilter.fields(&random)
    if filters == .plain { fields["n"] = .integer(Int64.random(in: -9...9, using: &random)) }
    return fields
  }

  private func filter(_ random: inout SplitMix64) -> RandomFilter? {
    switch filters {
    case .exact: return RandomFilter.draw(&random)
    case .plain:
      let operation = ["==", "!=", "<", "<=", ">", ">="].randomElement(using: &random) ?? "=="
      return .compare(
        operation, .field([.string("n")]), .literal(.integer(Int64.random(in: -9...9, using: &random))))
    case .none: return nil
    }
  }

  private func check(
    _ store: any VectorStore, _ schema: CollectionSchema, _ model: StoreModel, _ random: inout SplitMix64,
    _ refused: inout Int, _ place: Comment
  ) throws {
    var question = Question(
      filter: Bool.random(using: &random) ? filter(&random) : nil, limit: Int.random(in: 1...20, using: &random),
      offset: Int.random(in: 0...5, using: &random),
      queries: (0..<Int.random(in: 1...3, using: &random)).map { _ in random.vector(dimension) },
      isStrong: Bool.random(using: &random))
    let deadline = ContinuousClock.now + patience
    while true {
      do {
        let differences = try differences(store, schema, model, question)
        if differences.isEmpty { return }
        guard ContinuousClock.now < deadline else {
          Issue.record("\(place): \(differences.joined(separator: "; "))")
          return
        }
        Thread.sleep(forTimeInterval: 0.05)
      } catch VectorStoreError.unsupported where question.filter != nil {
        refused += 1
        question.filter = refused.isMultiple(of: 16) ? nil : filter(&random)
      }
    }
  }

  /// Where the store answers otherwise than the model.
  private func differences(
    _ store: any VectorStore, _ schema: CollectionSchema, _ model: StoreModel, _ question: Question
  ) throws -> [String] {
    var differences: [String] = []
    let filter = question.filter?.description
    guard let description = try store.collections().first(where: { $0.schema.name == schema.name }) else {
      return ["the collection is not there"]
    }
    if description.schema != schema { differences.append("the schema is \(description.schema)") }
    if description.rows != model.rows.count {
      differences.append("\(description.rows) rows, not \(model.rows.count)")
    }
    if holdsBackUnindexed, description.indexedRows != model.indexed.count {
      differences.append("\(description.indexedRows) indexed rows, not \(model.indexed.count)")
    }

    let matching = model.matching(question.filter)
    let seen =
      question.isStrong || !holdsBackUnindexed ? matching : matching.filter { model.indexed.contains($0.key!) }
    let hits = try store.search(
      SearchRequest(
        vectors: question.queries.flatMap { $0 }, limit: question.limit, filter: filter, outputFields: .all,
        consistency: question.isStrong ? .strong : .eventually,
        parameters: SearchParameters(ef: 500, nprobe: 4, rerank: 500), threads: 2),
      in: schema.name)
    if hits.count != question.queries.count { differences.append("\(hits.count) lists of hits") }
    for (query, hits) in zip(question.queries, hits) {
      let expected = model.nearest(query, schema.metric, question.limit, among: seen)
      if hits.map(\.key) != expected {
        differences.append("found \(hits.map(\.key)), not \(expected), by \(filter ?? "no filter")")
      }
      for hit in hits {
        let row = model.rows[hit.key]
        if hit.fields != row?.fields { differences.append("key \(hit.key) has the fields \(hit.fields)") }
        let distance = exactDistance(query, row?.vector ?? [], schema.metric)
        if abs(Double(hit.distance) - distance) > 1e-4 {
          differences.append("key \(hit.key) is at \(hit.distance), not \(distance)")
        }
      }
    }

    let rows = try store.query(
      QueryRequest(filter: filter, includesVectors: true, limit: question.limit, offset: question.offset),
      in: schema.name)
    let page = StoreModel.inOrder(matching).dropFirst(question.offset).prefix(question.limit)
    if !equal(rows, Array(page)) {
      differences.append("queried \(rows.map(\.key)), not \(page.map(\.key)), by \(filter ?? "no filter")")
    }
    return differences
  }

  private func equal(_ a: [StoreRow], _ b: [StoreRow]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { a, b in
        a.key == b.key && a.fields == b.fields && a.vector.count == b.vector.count
          && zip(a.vector, b.vector).allSatisfy { abs($0 - $1) <= vectorTolerance }
      }
  }
}
