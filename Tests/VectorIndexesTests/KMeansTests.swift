import Testing
import VectorIndexes

/// k-means is tested through the index it trains.
@Suite struct KMeansTests {
  /// The squared distance of every row to the row that its list's probe finds, as a measure of how tight lists are.
  static func answers(_ set: TestSet, threads: Int, seed: UInt64) throws -> [[Neighbor]] {
    let index = try IVFIndexTests.index(.flat, set) {
      $0.threads = threads
      $0.seed = seed
      $0.trainSize = 50
    }
    return try index.findBatch(IVFIndexTests.queries(set, seed: 51), k: 10, parameters: SearchParameters(nprobe: 2))
  }

  @Test func oneSeedGivesTheSameListsOnAnyNumberOfThreads() throws {
    let set = IVFIndexTests.set(4000, .l2, seed: 50)
    let one = try Self.answers(set, threads: 1, seed: 7)
    #expect(try Self.answers(set, threads: 1, seed: 7) == one)
    #expect(try Self.answers(set, threads: 2, seed: 7) == one)
    #expect(try Self.answers(set, threads: 5, seed: 7) == one)
    #expect(try Self.answers(set, threads: 1, seed: 8) != one)
  }

  @Test func clustersAreFound() throws {
    // 20 tight, far clusters: each list holds one of them, so that one probe finds every neighbour.
    var random = SeededGenerator(seed: 52)
    let centres = (0..<20).map { _ in random.normals(8).map { $0 * 100 } }
    let vectors = (0..<2000).flatMap { row in centres[row % 20].map { $0 + 0.1 * random.normal() } }
    let set = TestSet(dimension: 8, metric: .l2, vectors: vectors, ids: (0..<2000).map { Int64($0) })
    let index = try IVFIndexTests.index(.flat, set) { $0.nlist = 20 }
    for row in 0..<40 {
      #expect(
        try index.find(set.row(row), k: 10, parameters: SearchParameters(nprobe: 1)) == set.exact(set.row(row), k: 10))
    }
  }

  @Test func emptyClustersAreFilled() throws {
    // Most rows are equal, so that the start draws duplicates and some clusters begin empty.
    var random = SeededGenerator(seed: 53)
    let constant = [Float](repeating: 1, count: 8)
    let vectors = (0..<600).flatMap { $0 < 560 ? constant : random.normals(8) }
    let set = TestSet(dimension: 8, metric: .l2, vectors: vectors, ids: (0..<600).map { Int64($0) })
    let index = try IVFIndexTests.index(.flat, set) { $0.nlist = 40 }
    let all = SearchParameters(nprobe: 40)
    for row in stride(from: 0, to: 600, by: 40) {
      #expect(try index.find(set.row(row), k: 10, parameters: all) == set.exact(set.row(row), k: 10))
    }
    let same = TestSet(
      dimension: 8, metric: .l2, vectors: (0..<50).flatMap { _ in constant }, ids: (0..<50).map { Int64($0) })
    let one = try IVFIndexTests.index(.flat, same) { $0.nlist = 40 }
    #expect(try one.find(constant, k: 3, parameters: all).map(\.id) == [0, 1, 2])
  }
}
