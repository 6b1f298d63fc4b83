import Foundation
import Statistics
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// An insert that SIGKILL ends at any moment has stored every row that it acknowledged, and the store is whole.
@Suite struct InsertAfterKillTests {
  private static let dimension = 24
  private static let rows = 1200

  private static func vector(_ key: Int) -> [Float] {
    var random = SplitMix64(seed: UInt64(key))
    return (0..<dimension).map { _ in Float(Int.random(in: -512...512, using: &random)) / 256 }
  }

  /// The rows that lines of `{"rows": N}` acknowledge; one that was cut off says nothing.
  private static func acknowledged(_ output: String) -> Int {
    output.split(separator: "\n").compactMap { line -> Int? in
      guard case .object(let fields) = try? FieldValue(json: String(line)), case .integer(let rows) = fields["rows"]
      else {
        return nil
      }
      return Int(rows)
    }.max() ?? 0
  }

  @Test func fiftyKillsLoseNoAcknowledgedRow() throws {
    let folder = TemporaryFolder()
    let input = (0..<Self.rows).map { key in
      "{\"id\":\(key),\"vector\":[\(Self.vector(key).map { "\($0)" }.joined(separator: ","))],\"half\":\(key % 2)}\n"
    }.joined()
    func insert(_ store: String, _ kind: String, first: Bool, killAfter seconds: Double?) throws -> Program.Answer {
      // coreutils' timeout does the killing, so that the moment is its clock's and not this test's.
      let wrapper = seconds.map { ["/usr/bin/timeout", "--signal=KILL", String($0)] } ?? []
      return try Program.run(
        ["insert", "--store", store, "--collection", "c", "--jsonl", "--batch", "40", "--upsert"]
          + (first ? ["--index", kind, "--metric", "L2"] : []),
        folder: folder.path, input: Array(input.utf8), under: wrapper)
    }
    let kinds = [
      "hnsw:m=8,ef_construction=40", "flat", "ivf:nlist=8", "hnsw-sq8:m=8,ef_construction=40", "ivf-sq4:nlist=8",
    ]
    let started = Date()
    #expect(try insert("undisturbed.store", kinds[0], first: true, killAfter: nil).status == 0)
    let duration = Date().timeIntervalSince(started)

    let seed: UInt64 = 10
    var random = SplitMix64(seed: seed)
    var killed = 0
    for (round, kind) in kinds.enumerated() {
      let path = "\(folder.path)/round-\(round).store"
      var certain = 0
      for attempt in 0..<10 {
        let place: Comment = "seed \(seed), \(kind), attempt \(attempt)"
        let isThere = try hasCollection(path)
        let moment = Double.random(in: 0.001...duration, using: &random)
        let answer = try insert(path, kind, first: !isThere, killAfter: moment)
        if answer.status != 0 { killed += 1 }
        certain = max(certain, Self.acknowledged(answer.output))
        guard try hasCollection(path) else {
          #expect(certain == 0, place)
          continue
        }
        try check(path, certain: certain, place)
      }
    }
    #expect(killed >= 25, "only \(killed) inserts were killed before their end")
  }

  private func hasCollection(_ path: String) throws -> Bool {
    guard FileManager.default.fileExists(atPath: path) else { return false }
    // A kill while the file is being made may leave an empty one, which the next insert fills.
    let store = try EmbeddedStore(path: path)
    defer { try? store.close() }
    return try !store.collections().isEmpty
  }

  private func check(_ path: String, certain: Int, _ place: Comment) throws {
    let notices = Notices()
    let store = try EmbeddedStore(path: path) { notices.add($0) }
    defer { try? store.close() }
    let rows = try store.query(QueryRequest(includesVectors: true), in: "c")
    let description = try store.collections()[0]
    #expect(rows.map(\.key) == (0..<rows.count).map { .integer(Int64($0)) }, place)
    #expect(rows.count >= certain && rows.count % 40 == 0, "\(place): \(rows.count) rows, \(certain) acknowledged")
    #expect(description.rows == rows.count && description.indexedRows <= rows.count, place)
    #expect(notices.all.isEmpty, "\(place): \(notices.all)")
    for (key, row) in rows.enumerated() where row.vector != Self.vector(key) { Issue.record("\(place): row \(key)") }
    // Index and tail hold just these rows: every row is found once, as the nearest to itself.
    if rows.isEmpty { return }
    let exact = SearchParameters(ef: 2 * Self.rows, nprobe: 8, rerank: 2 * Self.rows)
    let everything = try store.search(
      SearchRequest(vectors: Self.vector(0), limit: 2 * Self.rows, parameters: exact), in: "c")[0]
    #expect(Set(everything.map(\.key)) == Set(rows.map { $0.key! }) && everything.count == rows.count, place)
    let sample = stride(from: 0, to: rows.count, by: 7).map { $0 }
    let found = try store.search(
      SearchRequest(vectors: sample.flatMap(Self.vector), limit: 1, parameters: exact), in: "c")
    #expect(found.map { $0.first?.key } == sample.map { .integer(Int64($0)) }, place)
  }

  private final class Notices: @unchecked Sendable {  // `lock` guards the list
    private let lock = NSLock()
    private var list: [String] = []

    var all: [String] { lock.withLock { list } }

    func add(_ sentence: String) { lock.withLock { list.append(sentence) } }
  }
}
