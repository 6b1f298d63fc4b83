import Testing
import VectorIndexes

@Suite struct HNSWRestrictedSearchTests {
  @Test(arguments: HNSWIndexTests.kinds, [0.01, 0.1, 0.99])
  func filtersByID(kind: String, share: Double) throws {
    let seed: UInt64 = 21
    var random = SeededGenerator(seed: seed)
    // Ids that are not row numbers, in an order of their own.
    let ids = (0..<Int64(4000)).map { $0 * 3 + 5 }.shuffled(using: &random)
    let fixture = HNSWFixture(seed: seed, count: 4000, ids: ids)
    let index = try fixture.built(kind)
    let allowed = Set(ids.filter { _ in Double.random(in: 0..<1, using: &random) < share })
    let filter = IDFilter(allowed.union([1, 100_000]))
    for ef in [10, 100] {
      for query in fixture.queries.prefix(10) {
        let found = try index.neighbors(query, k: 10, ef: ef, filter: filter)
        #expect(found.allSatisfy { allowed.contains($0.id) }, "seed \(seed)")
      }
    }
    #expect(try fixture.recall(index, filter: filter) { allowed.contains($0) } >= 0.97, "seed \(seed)")
  }

  @Test func filtersNearAndFarClusters() throws {
    // Allowed are the rows farthest from the query: a walk that only looks near finds none of them.
    let fixture = HNSWFixture(seed: 22, count: 3000, queries: 3)
    let index = try fixture.built("hnsw")
    for query in fixture.queries {
      let far = Array(fixture.exact(query, k: 3000).suffix(1500))
      let allowed = Set(far)
      let found = try index.neighbors(query, k: 10, ef: 10, filter: IDFilter(far))
      #expect(found.allSatisfy { allowed.contains($0.id) })
      #expect(Set(found.map(\.id)).intersection(fixture.exact(query, k: 10) { allowed.contains($0) }).count >= 7)
    }
  }

  @Test func nothingAllowedGivesNothing() throws {
    let fixture = HNSWFixture(seed: 23, count: 100, queries: 1)
    let index = try fixture.built("hnsw")
    let none = [Neighbor](repeating: .none, count: 3)
    #expect(try index.neighbors(fixture.queries[0], k: 3, filter: IDFilter([Int64]())) == none)
    #expect(try index.neighbors(fixture.queries[0], k: 3, filter: IDFilter([1000, 2000])) == none)
    #expect(try index.neighbors(fixture.queries[0], k: 3, filter: IDFilter([7])).map(\.id) == [7, -1, -1])
  }

  @Test(arguments: HNSWIndexTests.kinds)
  func removalKeepsRecall(kind: String) throws {
    let seed: UInt64 = 24
    var random = SeededGenerator(seed: seed)
    let fixture = HNSWFixture(seed: seed, count: 4000)
    let index = try fixture.built(kind)
    // A random half, and then whatever is nearest to the queries: the walk has to cross removed rows.
    var gone = Set(fixture.ids.filter { _ in Bool.random(using: &random) })
    for query in fixture.queries { gone.formUnion(fixture.exact(query, k: 40)) }
    let list = Array(gone)
    #expect(try index.remove(ids: list.span) == gone.count)
    #expect(try index.remove(ids: list.span) == 0)
    #expect(index.count == fixture.count - gone.count)
    for optimized in [false, true] {
      if optimized { try index.optimize() }
      for query in fixture.queries {
        let found = try index.neighbors(query, k: 10, ef: 50).map(\.id)
        #expect(found.allSatisfy { $0 >= 0 && !gone.contains($0) }, "\(found), optimized \(optimized), seed \(seed)")
      }
      #expect(try fixture.recall(index) { !gone.contains($0) } >= 0.97, "optimized \(optimized), seed \(seed)")
      #expect(index.unreachableRows == [])
    }
    #expect(index.count == fixture.count - gone.count)
    let keep = fixture.ids.filter { !gone.contains($0) }
    let filtered = try index.neighbors(fixture.queries[0], k: 5, filter: IDFilter(Array(keep.prefix(20))))
    #expect(filtered.allSatisfy { keep.prefix(20).contains($0.id) })
  }

  @Test func removedIDsMayComeBack() throws {
    let fixture = HNSWFixture(seed: 25, count: 400, queries: 1)
    let index = try fixture.built("hnsw-sq8")
    let back = [Int64(7), 399]
    #expect(try index.remove(ids: back.span) == 2)
    #expect(throws: VectorIndexError.duplicateID(8)) {
      try index.add((fixture.vector(7) + fixture.vector(8)).span, ids: [Int64(7), 8].span)
    }
    try index.add((fixture.vector(7) + fixture.vector(399)).span, ids: back.span)
    #expect(index.count == 400)
    #expect(try index.neighbors(fixture.vector(7), k: 1)[0].id == 7)
    try index.optimize()
    #expect(index.count == 400)
    for row in 0..<400 { #expect(try index.neighbors(fixture.vector(row), k: 1, ef: 50)[0].id == Int64(row)) }
    #expect(try index.remove(ids: fixture.ids.span) == 400)
    #expect(try index.neighbors(fixture.vector(7), k: 2) == [.none, .none])
    try index.optimize()
    #expect(index.count == 0 && index.memory.vectors <= 4096)
    try index.add(fixture.vectors.span, ids: fixture.ids.span)
    #expect(try index.neighbors(fixture.vector(9), k: 1)[0].id == 9)
  }

  @Test func searchesRunWhileRowsComeAndGo() async throws {
    let fixture = HNSWFixture(seed: 26, count: 2000)
    let index = try fixture.index("hnsw-sq4", ["threads": "2"])
    let batch = 200
    try index.add(Array(fixture.vectors[..<(batch * fixture.dimension)]).span, ids: Array(fixture.ids[..<batch]).span)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<3 {
        group.addTask {
          for turn in 0..<300 {
            let query = fixture.queries[(turn + worker) % fixture.queries.count]
            let found = try index.neighbors(query, k: 10, ef: 20)
            #expect(found.allSatisfy { $0.id >= 0 && $0.id < 2000 && $0.distance.isFinite })
            #expect(Set(found.map(\.id)).count == 10)
          }
        }
      }
      group.addTask {
        for start in stride(from: batch, to: fixture.count, by: batch) {
          let rows = start * fixture.dimension..<(start + batch) * fixture.dimension
          try index.add(Array(fixture.vectors[rows]).span, ids: Array(fixture.ids[start..<start + batch]).span)
          try index.remove(ids: [Int64(start)].span)
        }
        try index.optimize()
      }
      try await group.waitForAll()
    }
    #expect(index.count == fixture.count - 9)
    #expect(try fixture.recall(index) { $0 % 200 != 0 || $0 == 0 } >= 0.97)
  }
}
