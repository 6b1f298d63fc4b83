import Foundation
import Statistics
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// The store over a real server, where `RAGMETER_POSTGRES_URL` names one.
@Suite struct PGVectorTests {
  static let url = ProcessInfo.processInfo.environment["RAGMETER_POSTGRES_URL"]
  static let missing: Comment = "RAGMETER_POSTGRES_URL names no server; 'scripts/systems up pgvector' starts one"

  private func open() throws -> PGVectorStore {
    try PGVectorStore(url: Self.url ?? "", password: ProcessInfo.processInfo.environment["PGPASSWORD"])
  }

  private func conformance(_ collection: String) -> StoreConformance {
    StoreConformance(name: "pgvector", open: { try open() }, collection: "ragmeter_test_\(collection)", steps: 60)
  }

  @Test(
    .enabled(if: url != nil, missing), arguments: StoreMetric.allCases,
    [
      IndexSpecification(kind: "flat"), IndexSpecification(kind: "ivf", parameters: ["nlist": "4", "nprobe": "4"]),
      IndexSpecification(kind: "hnsw", parameters: ["m": "8", "ef_construction": "60", "ef": "500"]),
    ])
  func answersAsADictionary(metric: StoreMetric, index: IndexSpecification) throws {
    try conformance("\(index.kind)_\(metric.rawValue)").answersAsADictionary(
      index, metric, seed: UInt64(metric.rawValue.utf8.count + index.kind.utf8.count))
  }

  @Test(.enabled(if: url != nil, missing), arguments: StoreMetric.allCases)
  func givesKeysAndRefuses(metric: StoreMetric) throws {
    try conformance("keys_\(metric.rawValue)").givesKeysAndFields(metric)
    try conformance("refusals_\(metric.rawValue)").refusesWhatCannotBe(metric)
  }

  @Test(.enabled(if: url != nil, missing)) func saysWhatItCannotDo() throws {
    let store = try open()
    let name = "ragmeter_test_limits"
    for schema in [
      CollectionSchema.small(name, kind: "hnsw-sq8"), .small(name, kind: "hnsw", ["alpha": "1.1"]),
      .small(name, dimension: 2_001, kind: "hnsw"), .small(name, kind: "hnsw", ["m": "101"]),
    ] {
      #expect { try store.create(schema) } throws: { error in
        if case VectorStoreError.unsupported(name: "pgvector", _) = error { true } else { false }
      }
    }
    try store.create(.small(name, kind: "hnsw"))
    defer { try? store.drop(collection: name) }
    #expect(
      failure { _ = try store.search(SearchRequest(vectors: [0, 0, 0, 0], limit: 1_001), in: name) }
        == "pgvector: ef or limit is 1001, and an hnsw search takes 1 to 1000")
    #expect(
      failure {
        let row = StoreRow(key: .integer(1), vector: [1, 2, 3, 4], fields: ["a": .string("\0")])
        _ = try store.insert([row], into: name)
      } == "row 0 of the batch holds U+0000, which PostgreSQL cannot hold; take it out; "
        + "nothing of the batch was stored")
    #expect(try store.diskBytes(of: name) ?? 0 > 0)
  }

  @Test(.enabled(if: url != nil, missing)) func sharesACollectionAmongThreads() throws {
    let store = try open()
    let name = "ragmeter_test_threads"
    try store.create(.small(name, dimension: 8))
    defer { try? store.drop(collection: name) }
    let failures = StoreFixture.Notices()
    DispatchQueue.concurrentPerform(iterations: 6) { thread in
      var random = SplitMix64(seed: UInt64(thread))
      for round in 0..<10 {
        // All threads replace the same keys, and each stores some of its own.
        let shared = (0..<5).map { StoreRow(key: .integer($0), vector: random.vector(8)) }
        let own = StoreRow(key: .integer(Int64(100 + thread * 10 + round)), vector: random.vector(8))
        do {
          _ = try store.upsert(shared, into: name)
          _ = try store.insert([own], into: name)
        } catch { failures.add("\(error)") }
      }
    }
    #expect(failures.all.isEmpty)
    #expect(try store.query(QueryRequest(), in: name).count == 65)
  }

  @Test func refusesAddresses() throws {
    func refusal(_ word: String, _ environment: [String: String] = [:]) -> String? {
      failure { _ = try StoreFactory.open(StoreSpecification(parsing: word), environment: environment) }
    }
    #expect(
      refusal("pgvector")
        == "store 'pgvector' needs an address: pgvector:url=postgresql://user@host:port/database, or the environment's "
        + "RAGMETER_POSTGRES_URL; 'scripts/systems up pgvector' starts a server on this machine")
    #expect(
      refusal("pgvector:url=postgresql://a:secret@127.0.0.1/b")
        == "the url of store 'pgvector' holds a password; take it out and give it by the environment's PGPASSWORD")
    #expect(
      refusal("pgvector:url=nonsense")
        == "store 'pgvector': the address is none; write postgresql://user@host:port/database")
    let down = try #require(refusal("pgvector:url=postgresql://a@127.0.0.1:1/b", ["PGPASSWORD": "secret"]))
    #expect(down.hasPrefix("pgvector: connection to server at \"127.0.0.1\", port 1 failed: Connection refused"))
    #expect(!down.contains("secret"))
  }
}
