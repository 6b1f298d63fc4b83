import Foundation
import Statistics
import Testing
import VectorIndexes
import VectorStores

/// Random operations on a store and on a dictionary: both must answer alike, whatever the index and however often the store
/// is opened again.
@Suite struct ModelTests {
  private struct Model {
    var rows: [PrimaryKey: StoreRow] = [:]
    /// Keys whose present row the last optimised index holds.
    var indexed: Set<PrimaryKey> = []

    func nearest(_ query: [Float], _ metric: StoreMetric, _ limit: Int, among: (StoreRow) -> Bool) -> [PrimaryKey] {
      let near = rows.values.filter(among).map { ($0.key!, exactDistance(query, $0.vector, metric)) }
      let sorted = near.sorted { metric == .l2 ? $0.1 < $1.1 : $0.1 > $1.1 }
      return sorted.prefix(limit).map(\.0)
    }
  }

  static let kinds: [(String, [String: String])] = [
    ("flat", [:]), ("ivf", ["nlist": "4", "nprobe": "4"]),
    ("ivf-sq8", ["nlist": "4", "nprobe": "4", "originals": "f32"]),
    ("ivf-sq4", ["nlist": "4", "nprobe": "4"]), ("ivf-pq", ["nlist": "4", "nprobe": "4"]),
    ("hnsw", ["m": "8", "ef_construction": "60"]),
    ("hnsw-sq8", ["m": "8", "ef_construction": "60", "originals": "f32"]),
    ("hnsw-sq4", ["m": "8", "ef_construction": "60", "originals": "f32"]),
  ]

  @Test(arguments: kinds.indices, StoreMetric.allCases)
  func answersAsADictionary(kind: Int, metric: StoreMetric) throws {
    let (kind, parameters) = Self.kinds[kind]
    let seed = UInt64(kind.utf8.reduce(0) { $0 &* 31 &+ Int($1) }) &+ UInt64(metric.rawValue.utf8.count)
    var random = SplitMix64(seed: seed)
    let fixture = StoreFixture()
    var store = try fixture.open()
    let usesStrings = Bool.random(using: &random)
    let dimension = 12
    try store.create(
      .small(dimension: dimension, metric: metric, keyType: usesStrings ? .string : .integer, kind: kind, parameters))
    var model = Model()
    func anyKey() -> PrimaryKey {
      let number = Int64.random(in: -40...160, using: &random)
      return usesStrings ? .string(number % 7 == 0 ? "clé \(number)" : "\(number)") : .integer(number)
    }

    for step in 0..<90 {
      let place: Comment = "\(kind) \(metric), seed \(seed), step \(step)"
      switch Int.random(in: 0..<12, using: &random) {
      case 0...4:
        var batch: [StoreRow] = []
        for _ in 0..<Int.random(in: 1...30, using: &random) {
          let key = anyKey()
          if batch.contains(where: { $0.key == key }) { continue }
          batch.append(
            StoreRow(key: key, vector: random.vector(dimension), fields: RandomFilter.fields(&random)))
        }
        let old = batch.filter { model.rows[$0.key!] != nil }
        if Bool.random(using: &random) || old.isEmpty {
          let result = try old.isEmpty ? store.insert(batch, into: "c") : store.upsert(batch, into: "c")
          #expect(result.replaced == old.count && result.keys == batch.map { $0.key! }, place)
          for row in batch { model.rows[row.key!] = row }
          model.indexed.subtract(batch.map { $0.key! })
        } else {
          #expect(throws: VectorStoreError.self, place) { try store.insert(batch, into: "c") }
        }
      case 5:
        let keys = (0..<Int.random(in: 1...10, using: &random)).map { _ in anyKey() }
        let there = Set(keys).filter { model.rows[$0] != nil }
        #expect(try store.delete(keys, from: "c") == there.count, place)
        for key in there { model.rows[key] = nil }
        model.indexed.subtract(there)
      case 6:
        let filter = RandomFilter.draw(&random)
        let gone = model.rows.filter { filter.truth($0.key, $0.value.fields) == true }.keys
        if gone.count > model.rows.count / 2 { continue }
        #expect(try store.delete(matching: filter.description, from: "c") == gone.count, place)
        for key in gone { model.rows[key] = nil }
        model.indexed.subtract(gone)
      case 7:
        try store.optimize(collection: "c")
        model.indexed = Set(model.rows.keys)
      case 8:
        try store.close()
        store = try fixture.open()
      default: break
      }
      try check(store, model, dimension, metric, &random, place)
    }
    #expect(fixture.notices.all.isEmpty)
    #expect(model.rows.count > 20)
  }

  private func check(
    _ store: EmbeddedStore, _ model: Model, _ dimension: Int, _ metric: StoreMetric, _ random: inout SplitMix64,
    _ place: Comment
  ) throws {
    let description = try store.collections()[0]
    #expect(description.rows == model.rows.count, place)
    #expect(description.indexedRows == model.indexed.count, place)

    let filter = Bool.random(using: &random) ? RandomFilter.draw(&random) : nil
    let limit = Int.random(in: 1...20, using: &random)
    let queries = (0..<Int.random(in: 1...3, using: &random)).map { _ in random.vector(dimension) }
    let isStrong = Bool.random(using: &random)
    let hits = try store.search(
      SearchRequest(
        vectors: queries.flatMap { $0 }, limit: limit, filter: filter?.description, outputFields: .all,
        consistency: isStrong ? .strong : .eventually, parameters: SearchParameters(ef: 500, nprobe: 4, rerank: 500),
        threads: 2),
      in: "c")
    #expect(hits.count == queries.count, place)
    for (query, hits) in zip(queries, hits) {
      let expected = model.nearest(query, metric, limit) { row in
        guard let key = row.key, isStrong || model.indexed.contains(key) else { return false }
        return filter.map { $0.truth(key, row.fields) == true } ?? true
      }
      #expect(hits.map(\.key) == expected, "\(place) \(isStrong) \(filter.map(\.description) ?? "")")
      for hit in hits {
        let row = model.rows[hit.key]
        #expect(hit.fields == row?.fields, place)
        #expect(abs(Double(hit.distance) - exactDistance(query, row?.vector ?? [], metric)) < 1e-4, place)
      }
    }

    let offset = Int.random(in: 0...5, using: &random)
    let rows = try store.query(
      QueryRequest(filter: filter?.description, includesVectors: true, limit: limit, offset: offset), in: "c")
    let matching = model.rows.values.filter { filter?.truth($0.key!, $0.fields) ?? (filter == nil) }
    let sorted = matching.sorted {
      switch ($0.key!, $1.key!) {
      case (.integer(let a), .integer(let b)): a < b
      case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
      default: false
      }
    }
    #expect(rows == Array(sorted.dropFirst(offset).prefix(limit)), place)
  }
}
