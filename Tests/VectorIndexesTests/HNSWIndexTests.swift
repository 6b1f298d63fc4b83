import Testing
import VectorIndexes

@Suite struct HNSWIndexTests {
  static let kinds = ["hnsw", "hnsw-sq8", "hnsw-sq4"]

  @Test(arguments: kinds, DistanceMetric.allCases)
  func findsTheNearest(kind: String, metric: DistanceMetric) throws {
    let seed: UInt64 = 11
    let fixture = HNSWFixture(seed: seed, metric: metric)
    let index = try fixture.index(kind)
    try index.add(fixture.vectors.span, ids: fixture.ids.span)
    #expect(try fixture.recall(index) >= 0.97, "before optimize, seed \(seed)")
    try index.optimize()
    #expect(try fixture.recall(index) >= 0.98, "seed \(seed)")
  }

  @Test(arguments: kinds, [1, 3, 25, 65, 200])
  func walksEveryDimension(kind: String, dimension: Int) throws {
    let seed = UInt64(dimension)
    let fixture = HNSWFixture(seed: seed, count: 1000, dimension: dimension, queries: 20)
    let index = try fixture.built(kind, ["originals": "f32"])
    #expect(try fixture.recall(index, ef: 200) >= (dimension < 3 ? 0.9 : 0.97), "seed \(seed)")
  }

  @Test(arguments: kinds)
  func innerProductsOfVeryUnequalVectors(kind: String) throws {
    let seed: UInt64 = 20
    var random = SeededGenerator(seed: seed)
    let even = HNSWFixture(seed: seed, metric: .ip)
    let lengths = (0..<even.count).map { _ in Float.random(in: 0.05...1, using: &random) }
    let vectors = even.vectors.enumerated().map { $1 * lengths[$0 / even.dimension] }
    let fixture = HNSWFixture(even, vectors: vectors)
    #expect(try fixture.recall(fixture.built(kind)) >= 0.95, "seed \(seed)")
  }

  @Test(arguments: kinds, ["f32", "f16", "none"])
  func findsWithWhateverIsKept(kind: String, originals: String) throws {
    if kind == "hnsw" && originals == "none" { return }
    let fixture = HNSWFixture(seed: 12)
    let index = try fixture.built(kind, ["originals": originals])
    #expect(try fixture.recall(index) >= (originals == "none" && kind == "hnsw-sq4" ? 0.75 : 0.97))
    let kept = index.memory.vectors
    #expect((kept == 0) == (originals == "none"))
  }

  @Test(arguments: kinds, DistanceMetric.allCases)
  func reportsTheMetricsDistances(kind: String, metric: DistanceMetric) throws {
    let fixture = HNSWFixture(seed: 13, count: 500, metric: metric, queries: 5)
    let index = try fixture.built(kind, ["originals": "f32"])
    for query in fixture.queries {
      let found = try index.neighbors(query, k: 10, ef: 200)
      for neighbor in found {
        let exact = fixture.distance(query, Int(neighbor.id))
        #expect(abs(Double(neighbor.distance) - exact) <= 1e-4 * max(1, abs(exact)))
      }
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.distance <= $1.distance })
    }
  }

  @Test(arguments: DistanceMetric.allCases)
  func codesAloneReportDistancesNearTheTrueOnes(metric: DistanceMetric) throws {
    let fixture = HNSWFixture(seed: 14, count: 500, metric: metric, queries: 5)
    let index = try fixture.built("hnsw-sq8", ["originals": "none"])
    for query in fixture.queries {
      let scale = (0..<50).map { abs(fixture.distance(query, $0)) }.max()!
      for neighbor in try index.neighbors(query, k: 10, ef: 100) {
        #expect(abs(Double(neighbor.distance) - fixture.distance(query, Int(neighbor.id))) <= 0.01 * scale)
      }
    }
  }

  @Test(arguments: kinds)
  func batchesExtendTheIndex(kind: String) throws {
    let fixture = HNSWFixture(seed: 15)
    let index = try fixture.index(kind)
    var start = 0
    for size in [1, 2, 97, 400, 1000, 1500] {
      let vectors = Array(fixture.vectors[start * fixture.dimension..<(start + size) * fixture.dimension])
      let ids = Array(fixture.ids[start..<start + size])
      try index.add(vectors.span, ids: ids.span)
      start += size
      #expect(index.count == start)
      let own = try index.neighbors(fixture.vector(start - 1), k: 1)
      #expect(own[0].id == Int64(start - 1))
    }
    // The mean of codes was that of a single vector.
    #expect(try fixture.recall(index) >= 0.95)
    try index.optimize()
    #expect(try fixture.recall(index) >= 0.95)
  }

  @Test(arguments: kinds)
  func oneThreadAndOneSeedGiveOneGraph(kind: String) throws {
    let fixture = HNSWFixture(seed: 16, count: 1200)
    let first = try fixture.built(kind, ["passes": "2"])
    #expect(try first.baseLinks == fixture.built(kind, ["passes": "2"]).baseLinks)
    #expect(try first.baseLinks != fixture.built(kind, ["passes": "2", "seed": "7"]).baseLinks)
    let degrees = stride(from: 0, to: first.baseLinks.count, by: 32).map { start in
      first.baseLinks[start..<start + 32].prefix { $0 >= 0 }.count
    }
    #expect(degrees.allSatisfy { (1...32).contains($0) })
  }

  @Test(arguments: kinds, ["1", "2"])
  func threadsLeaveNothingUnreachable(kind: String, passes: String) throws {
    let fixture = HNSWFixture(seed: 17, count: 4000)
    let index = try fixture.index(kind, ["threads": "4", "passes": passes, "m": "4", "ef_construction": "20"])
    let half = fixture.count / 2
    try index.add(
      Array(fixture.vectors[..<(half * fixture.dimension)]).span, ids: Array(fixture.ids[..<half]).span)
    #expect(index.unreachableRows == [])
    try index.add(
      Array(fixture.vectors[(half * fixture.dimension)...]).span, ids: Array(fixture.ids[half...]).span)
    #expect(index.unreachableRows == [])
    try index.optimize()
    #expect(index.unreachableRows == [])
    #expect(try fixture.recall(index) >= 0.9)
  }

  @Test func identicalVectorsAreAllReachable() throws {
    let vectors = [Float](repeating: 3, count: 600 * 8)
    let ids = (0..<Int64(600)).map { $0 }
    for kind in Self.kinds {
      let index = try HNSWIndex.make(kind: kind, dimension: 8, metric: .l2, parameters: [:])
      try index.add(vectors.span, ids: ids.span)
      try index.optimize()
      #expect(index.unreachableRows == [])
      let found = try index.neighbors([Float](repeating: 3, count: 8), k: 10, ef: 600)
      #expect(found.map(\.id) == Array(0..<10))
      #expect(found.allSatisfy { abs($0.distance) < 1e-3 })
    }
  }

  @Test func batchedSearchEqualsSingle() throws {
    let fixture = HNSWFixture(seed: 18, count: 1500)
    let index = try fixture.built("hnsw-sq4")
    let flat = fixture.queries.flatMap { $0 }
    for threads in [1, 3] {
      var results = [Neighbor](repeating: .none, count: fixture.queries.count * 5)
      var span = results.mutableSpan
      let statistics = try index.searchBatch(
        flat.span, k: 5, parameters: SearchParameters(ef: 40), filter: nil, threads: threads, into: &span)
      #expect(statistics.found == results.count && statistics.distances > results.count && statistics.visited > 0)
      for (i, query) in fixture.queries.enumerated() {
        #expect(try Array(results[i * 5..<i * 5 + 5]) == index.neighbors(query, k: 5, ef: 40))
      }
    }
  }

  @Test func memoryCountsItsParts() throws {
    let fixture = HNSWFixture(seed: 19, count: 2000, dimension: 256)
    let perVector = { (kind: String, parameters: [String: String]) in
      try Double(fixture.built(kind, parameters).memory.total) / 2000
    }
    // Pages are whole, so 2000 vectors may take a few bytes each more than a large set.
    let hnswlib = 4.0 * 256 + 128 + 20 + 16
    for kind in Self.kinds { #expect(try perVector(kind, [:]) <= hnswlib) }
    #expect(try perVector("hnsw-sq8", ["originals": "none"]) <= 256 + 128 + 16 + 16)
  }
}
