import Foundation
import Glibc
import SQLite
import Statistics
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// Bad input, damaged and foreign files, locks, full disks: a sentence each, and nothing lost.
@Suite struct FaultTests {
  private static func rows(_ keys: ClosedRange<Int64>, dimension: Int = 4, seed: UInt64 = 1) -> [StoreRow] {
    var random = SplitMix64(seed: seed)
    return keys.map { StoreRow(key: .integer($0), vector: random.vector(dimension), fields: ["n": .integer($0)]) }
  }

  private static func filled(_ fixture: StoreFixture, _ kind: String = "hnsw") throws {
    let store = try fixture.open()
    try store.create(.small(kind: kind))
    _ = try store.insert(rows(1...200), into: "c")
    try store.optimize(collection: "c")
    _ = try store.insert(rows(201...210, seed: 2), into: "c")
    _ = try store.delete([.integer(7)], from: "c")
    try store.close()
  }

  private static func nearest(_ store: EmbeddedStore, _ vector: [Float]) throws -> PrimaryKey? {
    try store.search(SearchRequest(vectors: vector, limit: 1), in: "c")[0].first?.key
  }

  /// Every row is its own nearest, and nothing else is there.
  private static func expectWhole(_ store: EmbeddedStore) throws {
    let all = try store.query(QueryRequest(includesVectors: true), in: "c")
    #expect(all.map(\.key) == ([1...6, 8...210] as [ClosedRange<Int64>]).flatMap { $0.map { .integer($0) } })
    for row in all { #expect(try nearest(store, row.vector) == row.key) }
  }

  private func sentence(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was refused"
    } catch {
      return "\(error)"
    }
  }

  // MARK: Bad input

  @Test(arguments: ["", "1a", "a-b", "../up", "a/b", "é", "a b", String(repeating: "a", count: 256), "a\u{0}"])
  func namesThatAreNone(name: String) throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    #expect(sentence { try store.create(.small(name)) }.contains("a collection cannot be called"))
    #expect(try store.collections().isEmpty)
  }

  @Test func schemasThatCannotBe() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    #expect(sentence { try store.create(.small(dimension: 0)) }.contains("dimension 0 is outside"))
    #expect(sentence { try store.create(.small(dimension: 40_000)) }.contains("dimension 40000 is outside"))
    #expect(
      sentence { try store.create(.small(kind: "hnws")) }.contains("no index is called hnws (did you mean hnsw?)"))
    #expect(sentence { try store.create(.small(kind: "hnsw", ["nlist": "3"])) }.contains("no build parameter nlist"))
    #expect(sentence { try store.create(.small(keyType: .string, autoID: true)) }.contains("are integers"))
    try store.create(.small())
    #expect(throws: VectorStoreError.collectionExists("c")) { try store.create(.small()) }
    #expect(throws: VectorStoreError.noSuchCollection("d", known: ["c"])) { try store.drop(collection: "d") }
  }

  @Test func rowsThatDoNotFitStoreNothingOfTheBatch() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    try store.create(.small(metric: .cosine, kind: "hnsw-sq8"))
    let good = StoreRow(key: .integer(1), vector: [1, 2, 3, 4])
    let deep = (0..<200).reduce(FieldValue.integer(1)) { value, _ in .array([value]) }
    let bad: [(StoreRow, String)] = [
      (StoreRow(key: .integer(2), vector: [1, 2, 3]), "has a vector of dimension 3, and the collection 4"),
      (StoreRow(key: .integer(2), vector: []), "has a vector of dimension 0"),
      (StoreRow(key: .integer(2), vector: [1, .nan, 3, 4]), "holds nan at dimension 1"),
      (StoreRow(key: .integer(2), vector: [1, .infinity, 3, 4]), "holds inf at dimension 1"),
      (StoreRow(key: .integer(2), vector: [0, 0, 0, 0]), "is zero and has no direction"),
      (StoreRow(key: .string("2"), vector: [1, 2, 3, 4]), "has a string as its key"),
      (StoreRow(key: nil, vector: [1, 2, 3, 4]), "has no key"),
      (StoreRow(key: .integer(2), vector: [1, 2, 3, 4], fields: ["id": .null]), "field called id"),
      (StoreRow(key: .integer(2), vector: [1, 2, 3, 4], fields: ["x": .number(.nan)]), "which JSON cannot hold"),
      (StoreRow(key: .integer(2), vector: [1, 2, 3, 4], fields: ["x": deep]), "nested deeper than 100"),
    ]
    for (row, reason) in bad {
      for write in [store.insert, store.upsert] {
        let said = sentence { _ = try write([good, row], "c") }
        #expect(said.contains("row 1 of the batch") && said.contains(reason), "\(said)")
      }
    }
    #expect(throws: VectorStoreError.duplicateKey(.integer(1), row: 1)) { try store.insert([good, good], into: "c") }
    #expect(sentence { _ = try store.upsert([good, good], into: "c") }.contains("has the key 1, as row 0 has"))
    #expect(try store.query(QueryRequest(), in: "c").isEmpty)
    _ = try store.insert([good], into: "c")
    let more = Self.rows(0...3)
    #expect(throws: VectorStoreError.duplicateKey(.integer(1), row: 1)) { try store.insert(more, into: "c") }
    #expect(try store.query(QueryRequest(), in: "c").count == 1)
  }

  @Test func valuesBeyondHalfPrecisionAreRefusedBeforeTheyAreStored() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    try store.create(.small(kind: "hnsw-sq8"))
    let row = StoreRow(key: .integer(1), vector: [1, 2, 3, 70_000])
    #expect(sentence { _ = try store.insert([row], into: "c") }.contains("beyond half precision's"))
    try store.optimize(collection: "c")
  }

  @Test func searchesThatCannotBeAnswered() throws {
    let fixture = StoreFixture()
    try Self.filled(fixture)
    let store = try fixture.open()
    func search(_ request: SearchRequest) -> String { sentence { _ = try store.search(request, in: "c") } }
    #expect(search(SearchRequest(vectors: [1, 2, 3], limit: 1)).contains("no whole number of vectors of dimension 4"))
    #expect(search(SearchRequest(vectors: [1, 2, 3, .nan], limit: 1)).contains("vector 0 of the search holds nan"))
    #expect(search(SearchRequest(vectors: [1, 2, 3, 4], limit: 0)).contains("limit is 0"))
    #expect(search(SearchRequest(vectors: [1, 2, 3, 4], limit: 1, threads: 0)).contains("threads is 0"))
    #expect(search(SearchRequest(vectors: [1, 2, 3, 4], limit: 1, filter: "n >")).contains("column 4: expected"))
    #expect(sentence { _ = try store.query(QueryRequest(offset: -1), in: "c") }.contains("0 or more"))
    #expect(try store.search(SearchRequest(vectors: [], limit: 1), in: "c").isEmpty)
    #expect(try store.search(SearchRequest(vectors: [1, 2, 3, 4], limit: .max), in: "c")[0].count == 209)
  }

  @Test func theStoreGivesKeys() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    try store.create(.small(autoID: true))
    let rows = [[1, 2, 3, 4], [5, 6, 7, 8]].map { StoreRow(key: nil, vector: $0) }
    let keys = try store.insert(rows, into: "c").keys
    #expect(Set(keys).count == 2)
    let more = try store.insert(rows, into: "c").keys
    #expect(Set(keys + more).count == 4)
    #expect(try store.query(QueryRequest(), in: "c").map(\.key) == keys + more)
    #expect(sentence { _ = try store.upsert(rows, into: "c") }.contains("gives keys itself"))
    #expect(sentence { _ = try store.insert(Self.rows(1...1), into: "c") }.contains("gives keys itself"))
  }

  // MARK: Index files

  @Test(arguments: ["flat", "ivf", "hnsw-sq8"])
  func aDamagedIndexIsBuiltAgainWithANotice(kind: String) throws {
    let seed: UInt64 = 5
    var random = SplitMix64(seed: seed)
    let fixture = StoreFixture()
    try Self.filled(fixture, kind)
    let file = try #require(fixture.indexFiles.first)
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    for round in 0..<8 {
      let present = try #require(fixture.indexFiles.first)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: present))
      switch round {
      case 0: bytes = Data()
      case 1: bytes = bytes.prefix(bytes.count / 2)
      case 2: bytes = Data("no index".utf8)
      case 3: bytes = whole  // That of another time, in itself sound.
      case 4: try FileManager.default.removeItem(atPath: present)
      default: bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
      if round != 4 { try bytes.write(to: URL(fileURLWithPath: present)) }
      // Those who only read have it built for themselves.
      for access in [EmbeddedStore.Access.readOnly, .readWrite] {
        let store = try fixture.open(access)
        try Self.expectWhole(store)
        try store.close()
      }
      #expect(fixture.notices.all.count == 2 * (round + 1), "seed \(seed), round \(round)")
      #expect(fixture.notices.all.allSatisfy { $0.hasPrefix("the index of collection 'c' is built again") })
      #expect(fixture.indexFiles.count == 1)
    }
    let store = try fixture.open()
    try Self.expectWhole(store)
    #expect(fixture.notices.all.count == 16)
  }

  @Test func filesThatBelongToNoCollectionAreSweptAway() throws {
    let fixture = StoreFixture()
    try Self.filled(fixture)
    let folder = "\(fixture.path).indexes"
    for name in ["1-99.index", "7-1.index", "1-2.index.4711.99.partial", "mine.txt"] {
      try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    let store = try fixture.open()
    #expect(fixture.indexFiles.map { URL(fileURLWithPath: $0).lastPathComponent } == ["1-1.index", "mine.txt"])
    try store.drop(collection: "c")
    #expect(fixture.indexFiles.map { URL(fileURLWithPath: $0).lastPathComponent } == ["mine.txt"])
    try store.create(.small())
    #expect(try store.query(QueryRequest(), in: "c").isEmpty)
  }

  @Test func tooFewRowsToLearnFromAreSearchedFlat() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    try store.create(.small(kind: "ivf", ["nlist": "64"]))
    _ = try store.insert(Self.rows(1...20), into: "c")
    try store.optimize(collection: "c")
    #expect(try store.collections()[0].indexedRows == 20)
    _ = try store.insert(Self.rows(21...200, seed: 3), into: "c")
    try store.optimize(collection: "c")
    #expect(try store.collections()[0].indexedRows == 200)
    let probe = SearchParameters(nprobe: 1)
    let some = try store.search(SearchRequest(vectors: [0, 0, 0, 0], limit: 200, parameters: probe), in: "c")
    #expect(some[0].count < 200, "a flat index would find every row")
  }

  // MARK: Files

  @Test func filesOfOthersAreLeftAlone() throws {
    let fixture = StoreFixture()
    let text = try fixture.folder.file("notes.txt", String(repeating: "no database\n", count: 200))
    #expect(sentence { _ = try EmbeddedStore(path: text) }.contains("is damaged or no store"))
    #expect(try String(contentsOfFile: text, encoding: .utf8).hasPrefix("no database\nno"))
    let other = "\(fixture.folder.path)/other.sqlite"
    try SQLiteDatabase(path: other, readOnly: false, busyTimeout: 0).execute("CREATE TABLE notes (text)")
    let said = sentence { _ = try EmbeddedStore(path: other) }
    #expect(said == "\(other): is a SQLite database of another program; name another file for the store")
    #expect(sentence { _ = try EmbeddedStore(path: "/nonexistent/a.store") }.contains("cannot be opened"))
    #expect(sentence { _ = try EmbeddedStore(path: fixture.folder.path) }.contains("cannot be opened"))
    #expect(sentence { _ = try fixture.open(.readOnly) }.contains("there is no such file"))
  }

  @Test func damageIsASentenceAndNeverAnotherAnswer() throws {
    let seed: UInt64 = 6
    var random = SplitMix64(seed: seed)
    let fixture = StoreFixture()
    try Self.filled(fixture)
    let whole = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
    var refused = 0
    for round in 0..<60 {
      var bytes = whole
      if round < 10 {
        bytes = bytes.prefix(Int.random(in: 1..<bytes.count, using: &random))
      } else {
        // The head of a page, where SQLite's own structure is.
        let page = Int.random(in: 0..<bytes.count / 16_384, using: &random) * 16_384
        for _ in 0..<8 {
          bytes[page + Int.random(in: 0..<(page == 0 ? 100 : 64), using: &random)] = UInt8.random(
            in: 0...255, using: &random)
        }
      }
      try bytes.write(to: URL(fileURLWithPath: fixture.path))
      do {
        let store = try fixture.open()
        for row in try store.query(QueryRequest(includesVectors: true), in: "c") {
          #expect(row.vector.count == 4, "seed \(seed), round \(round)")
        }
      } catch is VectorStoreError {
        refused += 1
      }
    }
    #expect(refused > 20)
  }

  @Test func oneProcessWritesOrManyRead() throws {
    let fixture = StoreFixture()
    try Self.filled(fixture)
    let writer = try fixture.open()
    let inUse = "\(fixture.path): is in use by another process; wait for it to end, or name another file"
    #expect(sentence { _ = try fixture.open() } == inUse)
    #expect(sentence { _ = try fixture.open(.readOnly) } == inUse)
    try writer.close()
    let readers = [try fixture.open(.readOnly), try fixture.open(.readOnly)]
    #expect(sentence { _ = try fixture.open() } == inUse)
    for reader in readers {
      try Self.expectWhole(reader)
      #expect(sentence { _ = try reader.insert(Self.rows(900...901), into: "c") }.contains("for reading alone"))
      #expect(sentence { try reader.create(.small("d")) }.contains("for reading alone"))
    }
    for reader in readers { try reader.close() }
    #expect(sentence { try Self.expectWhole(readers[0]) }.contains("was closed"))
    try Self.expectWhole(fixture.open())
  }

  @Test(.enabled(if: geteuid() == 0, "only root may mount a small disk")) func aFullDiskLosesNothing() throws {
    let fixture = StoreFixture()
    let disk = "\(fixture.folder.path)/disk"
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
    guard mount("tmpfs", disk, "tmpfs", 0, "size=1m") == 0 else {
      try Test.cancel("this system lets no test mount a disk")
    }
    defer { umount(disk) }
    let ballast = "\(disk)/ballast"
    try Data(count: 300_000).write(to: URL(fileURLWithPath: ballast))
    var stored: [PrimaryKey] = []
    do {
      let store = try EmbeddedStore(path: "\(disk)/a.store")
      try store.create(.small(dimension: 64, kind: "hnsw"))
      var said = ""
      for batch in 0..<200 {
        let rows = Self.rows(Int64(batch * 20)...Int64(batch * 20 + 19), dimension: 64, seed: UInt64(batch))
        do {
          stored += try store.insert(rows, into: "c").keys
        } catch {
          said = "\(error)"
          break
        }
      }
      #expect(said.contains("cannot grow, as the disk is full"), "\(said)")
      #expect(sentence { try store.optimize(collection: "c") }.contains("No space left on device"))
      #expect(try store.query(QueryRequest(), in: "c").map(\.key) == stored)
      try store.close()
    }
    // Room is made, and the store goes on where it was.
    try FileManager.default.removeItem(atPath: ballast)
    let store = try EmbeddedStore(path: "\(disk)/a.store")
    #expect(try store.query(QueryRequest(), in: "c").map(\.key) == stored)
    #expect(stored.count > 100)
    stored += try store.insert(Self.rows(100_000...100_009, dimension: 64), into: "c").keys
    #expect(try store.query(QueryRequest(), in: "c").map(\.key) == stored)
    try store.close()
  }
}
