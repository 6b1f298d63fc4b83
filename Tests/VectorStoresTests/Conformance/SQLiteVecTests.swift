import Foundation
import Statistics
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// The store over the real extension, where `RAGMETER_SQLITE_VEC` names it.
@Suite struct SQLiteVecTests {
  static let file = ProcessInfo.processInfo.environment["RAGMETER_SQLITE_VEC"]
  static let missing: Comment = "RAGMETER_SQLITE_VEC names no vec0.so; 'scripts/systems up sqlite-vec' installs it"

  private let folder = TemporaryFolder()
  private var path: String { "\(folder.path)/rows.db" }

  private func open() throws -> SQLiteVecStore { try SQLiteVecStore(path: path, extension: Self.file ?? "") }

  private var conformance: StoreConformance { StoreConformance(name: "sqlite-vec", open: { try open() }) }

  @Test(.enabled(if: file != nil, missing), arguments: [StoreMetric.l2, .cosine], [1, 2, 3])
  func answersAsADictionary(metric: StoreMetric, seed: UInt64) throws {
    try conformance.answersAsADictionary(IndexSpecification(kind: "flat"), metric, seed: seed)
  }

  @Test(.enabled(if: file != nil, missing), arguments: [StoreMetric.l2, .cosine])
  func givesKeysAndRefuses(metric: StoreMetric) throws {
    try conformance.givesKeysAndFields(metric)
    try conformance.refusesWhatCannotBe(metric)
  }

  @Test(.enabled(if: file != nil, missing)) func saysWhatItCannotDo() throws {
    let store = try open()
    for schema in [
      CollectionSchema.small(metric: .ip), .small(kind: "hnsw"), .small(dimension: 9_000),
      .small(kind: "flat", ["codes": "none"]),
    ] {
      #expect { try store.create(schema) } throws: { error in
        if case VectorStoreError.unsupported(name: "sqlite-vec", _) = error { true } else { false }
      }
    }
    try store.create(.small())
    let rows = (0..<4_097).map { StoreRow(key: .integer($0), vector: [Float($0), 0, 0, 0]) }
    _ = try store.insert(rows, into: "c")
    #expect(try store.search(SearchRequest(vectors: [0, 0, 0, 0], limit: 4_096), in: "c")[0].count == 4_096)
    #expect(
      failure { _ = try store.search(SearchRequest(vectors: [0, 0, 0, 0], limit: 5_000), in: "c") }
        == "sqlite-vec: answers 4096 hits at most, and 5000 are asked for")
    #expect(try store.diskBytes(of: "c") ?? 0 > 4_097 * 16)
  }

  @Test(.enabled(if: file != nil, missing)) func searchesOnManyThreads() throws {
    let store = try open()
    try store.create(.small(dimension: 8))
    var random = SplitMix64(seed: 3)
    let rows = (0..<200).map { StoreRow(key: .integer($0), vector: random.vector(8)) }
    _ = try store.insert(rows, into: "c")
    let failures = StoreFixture.Notices()
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for place in 0..<25 {
        let row = rows[thread * 25 + place]
        let found = try? store.search(SearchRequest(vectors: row.vector, limit: 1), in: "c").first?.first?.key
        if found != row.key { failures.add("\(row.key!): \(String(describing: found))") }
        let extra = StoreRow(key: .integer(Int64(1_000 + thread * 25 + place)), vector: row.vector.map { $0 + 9 })
        if (try? store.insert([extra], into: "c"))?.keys != [extra.key!] { failures.add("insert \(extra.key!)") }
      }
    }
    #expect(failures.all.isEmpty)
    #expect(try store.collections()[0].rows == 400)
  }

  @Test(.enabled(if: file != nil, missing)) func keepsAwayFromFilesOfOthers() throws {
    let embedded = "\(folder.path)/rows.store"
    try EmbeddedStore(path: embedded).close()
    #expect(
      failure { _ = try SQLiteVecStore(path: embedded, extension: Self.file ?? "") }
        == "\(embedded): is a SQLite database of another program; name another file for the store")
  }

  @Test func saysThatTheExtensionIsMissingOrNone() throws {
    let nowhere = "\(folder.path)/vec0.so"
    let word = "sqlite-vec:path=\(path),extension=\(nowhere)"
    #expect(
      failure { _ = try StoreFactory.open(StoreSpecification(parsing: word), environment: [:]) }
        == "\(nowhere): is not there; 'scripts/systems up sqlite-vec' installs the extension, or name it with "
        + "extension=…/vec0.so")
    let text = try folder.file("vec0.so", "no library")
    #expect(
      failure { _ = try StoreFactory.open(StoreSpecification(parsing: word), environment: [:]) }?
        .hasPrefix("\(text): is no extension that SQLite loads:") == true)
    #expect(
      failure { _ = try StoreFactory.open(StoreSpecification(kind: "sqlite-vec"), environment: [:]) }
        == "store 'sqlite-vec' needs a path, as in sqlite-vec:path=docs.db")
  }
}
