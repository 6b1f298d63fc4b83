import Foundation
import Testing
import VectorIndexes

@Suite struct HNSWFaultTests {
  private func sentence(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch {
      return "\(error)"
    }
  }

  @Test(
    arguments: [
      ("hnsw", ["m": "1"], "m is 1; it must be an integer from 2 to 512"),
      ("hnsw", ["m": "many"], "m is many; it must be an integer from 2 to 512"),
      ("hnsw", ["ef_construction": "0"], "ef_construction is 0; it must be an integer from 1 to 65536"),
      ("hnsw", ["passes": "3"], "passes is 3; it must be an integer from 1 to 2"),
      ("hnsw-sq8", ["alpha": "nan"], "alpha is nan; it must be a number from 1 to 4"),
      ("hnsw-sq8", ["originals": "f64"], "originals is f64; it must be one of f32, f16, none"),
      ("hnsw", ["originals": "none"], "hnsw walks on the originals and cannot do without; use hnsw-sq8 or hnsw-sq4"),
      (
        "hnsw-sq4", ["nprobe": "3"],
        "hnsw-sq4 has no parameter nprobe; it has m, ef_construction, ef, seed, passes, alpha, rerank, originals, threads"
      ),
      ("ivf", [:], "ivf is no HNSW index; choose one of hnsw, hnsw-sq8, hnsw-sq4"),
    ] as [(String, [String: String], String)])
  func refusesParameters(kind: String, parameters: [String: String], expected: String) {
    #expect(
      sentence { _ = try HNSWIndex.make(kind: kind, dimension: 4, metric: .l2, parameters: parameters) } == expected)
  }

  @Test(arguments: HNSWIndexTests.kinds)
  func refusesVectorsAndSearches(kind: String) throws {
    let fixture = HNSWFixture(seed: 31, count: 50, metric: .cosine, queries: 1)
    let index = try fixture.built(kind)
    let d = fixture.dimension
    #expect(throws: VectorIndexError.self) { try index.add([Float](repeating: 1, count: d + 1).span, ids: [50].span) }
    #expect(throws: VectorIndexError.self) { try index.add([Float](repeating: 1, count: d).span, ids: [50, 51].span) }
    for bad in [Float.nan, .infinity, -.infinity] {
      var vectors = [Float](repeating: 1, count: 2 * d)
      vectors[d + 3] = bad
      #expect(sentence { try index.add(vectors.span, ids: [50, 51].span) }.hasPrefix("vector 1 of the batch holds"))
      #expect(throws: VectorIndexError.self) { try index.neighbors(Array(vectors[d...]), k: 1) }
      #expect(throws: VectorIndexError.self) { try index.train(vectors.span) }
    }
    #expect(throws: VectorIndexError.self) { try index.add([Float](repeating: 0, count: d).span, ids: [50].span) }
    #expect(throws: VectorIndexError.self) { try index.neighbors([Float](repeating: 0, count: d), k: 1) }
    #expect(throws: VectorIndexError.duplicateID(49)) { try index.add(fixture.vector(0).span, ids: [49].span) }
    #expect(throws: VectorIndexError.duplicateID(60)) {
      try index.add((fixture.vector(0) + fixture.vector(1)).span, ids: [60, 60].span)
    }
    #expect(throws: VectorIndexError.self) { try index.add(fixture.vector(0).span, ids: [-1].span) }
    #expect(index.count == 50)

    let query = fixture.queries[0]
    #expect(sentence { _ = try index.neighbors(query, k: 0) } == "k is 0; ask for at least 1 neighbour")
    #expect(sentence { _ = try index.neighbors(query, k: 10, ef: 9) } == "ef is 9 and k 10; ef must be at least k")
    #expect(throws: VectorIndexError.self) { try index.neighbors(Array(query.dropLast()), k: 1) }
    #expect(throws: VectorIndexError.self) { try index.neighbors(query + query, k: 1) }
    var short = [Neighbor](repeating: .none, count: 3)
    #expect(throws: VectorIndexError.self) {
      var span = short.mutableSpan
      try index.search(query.span, k: 4, parameters: SearchParameters(), filter: nil, into: &span)
    }
    #expect(try index.neighbors(query, k: 1, ef: .max, rerank: .max) == index.neighbors(query, k: 1))
    let all = try index.neighbors(query, k: 80)
    #expect(Set(all.prefix(50).map(\.id)).count == 50 && all.suffix(30).allSatisfy { $0 == .none })
  }

  @Test(arguments: HNSWIndexTests.kinds)
  func anEmptyIndexFindsNothing(kind: String) throws {
    let index = try HNSWIndex.make(kind: kind, dimension: 3, metric: .l2, parameters: [:])
    #expect(index.count == 0 && index.isTrained)
    #expect(try index.neighbors([1, 2, 3], k: 2) == [.none, .none])
    #expect(try index.remove(ids: [1, 2].span) == 0)
    try index.optimize()
    try index.add([Float]().span, ids: [Int64]().span)
    try index.train([1, 2, 3].span)
    try index.add([1, 2, 4].span, ids: [9].span)
    #expect(try index.neighbors([1, 2, 3], k: 2).map(\.id) == [9, -1])
    try index.optimize()
    #expect(try index.neighbors([1, 2, 3], k: 1)[0] == Neighbor(id: 9, distance: 1))
  }

  @Test func refusesWhatHalfPrecisionCannotHold() throws {
    let index = try HNSWIndex.make(kind: "hnsw-sq8", dimension: 2, metric: .l2, parameters: [:])
    #expect(sentence { try index.add([1, 2, 3, 70_000].span, ids: [0, 1].span) }.contains("originals=f32"))
    #expect(index.count == 0)
    let full = try HNSWIndex.make(kind: "hnsw-sq8", dimension: 2, metric: .l2, parameters: ["originals": "f32"])
    try full.add([1, 2, 3, 70_000].span, ids: [0, 1].span)
    #expect(try full.neighbors([3, 69_000], k: 1)[0].id == 1)
  }

  @Test(arguments: HNSWIndexTests.kinds)
  func filesGiveTheSameIndex(kind: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "hnsw-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let fixture = HNSWFixture(seed: 32, count: 1000, ids: (0..<1000).map { Int64($0 * 7 % 1000) + 3 })
    let index = try fixture.built(kind)
    try index.remove(ids: [3, 4, 5].span)
    try index.save(to: path)
    let opened = try HNSWIndex.open(path)
    #expect(opened.count == 997 && opened.parameters == index.parameters && opened.metric == .l2)
    for query in fixture.queries { #expect(try opened.neighbors(query, k: 10) == index.neighbors(query, k: 10)) }
    // Changing what is mapped changes memory alone.
    try opened.add(fixture.vector(0).span, ids: [5000].span)
    try opened.remove(ids: [6].span)
    try opened.optimize()
    #expect(opened.count == 997)
    let thinned = try HNSWIndex.open(path)
    try thinned.remove(ids: [6, 7].span)
    try thinned.optimize()
    #expect(thinned.count == 995)
    let again = try HNSWIndex.open(path)
    for query in fixture.queries { #expect(try again.neighbors(query, k: 10) == index.neighbors(query, k: 10)) }
    let empty = try HNSWIndex.make(kind: kind, dimension: 3, metric: .ip, parameters: [:])
    try empty.save(to: path)
    #expect(try HNSWIndex.open(path).count == 0)
  }

  @Test func everyFlippedOrMissingByteIsNoticed() throws {
    let seed: UInt64 = 33
    var random = SeededGenerator(seed: seed)
    let path = FileManager.default.temporaryDirectory.appending(path: "hnsw-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let fixture = HNSWFixture(seed: seed, count: 60, dimension: 16, queries: 1)
    try fixture.built("hnsw-sq4", ["m": "4"]).save(to: path)
    let bytes = try Data(contentsOf: URL(filePath: path))
    for _ in 0..<300 {
      var changed = bytes
      let place = Int.random(in: 0..<bytes.count, using: &random)
      changed[place] ^= UInt8.random(in: 1...255, using: &random)
      try changed.write(to: URL(filePath: path))
      #expect(throws: VectorIndexError.self, "byte \(place), seed \(seed)") { try HNSWIndex.open(path) }
    }
    for length in [0, 1, 63, 64, bytes.count / 2, bytes.count - 1] {
      try bytes.prefix(length).write(to: URL(filePath: path))
      #expect(throws: VectorIndexError.self) { try HNSWIndex.open(path) }
    }
    #expect(throws: VectorIndexError.self) { try HNSWIndex.open(path + ".absent") }
    #expect(throws: VectorIndexError.self) {
      try fixture.built("hnsw").save(to: "/nonexistent/folder/index")
    }
  }
}
