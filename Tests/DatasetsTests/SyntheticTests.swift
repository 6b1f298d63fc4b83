import Checksums
import Datasets
import Foundation
import TestFixtures
import Testing

@Suite struct SyntheticTests {
  private let loader: DatasetLoader

  init() throws { loader = DatasetLoader(catalog: try .standard(), library: DatasetLibrary(cache: "/nonexistent")) }

  private func make(_ parameters: String) throws -> VectorDataset {
    try loader.load(DatasetRequest(name: "synthetic:\(parameters)"))
  }

  /// First outputs of xoshiro256** from SplitMix64(42), by the authors' C programs (prng.di.unimi.it).
  @Test func generatorIsTheAuthors() {
    var random = Xoshiro256(seed: 42)
    #expect(
      (0..<3).map { _ in random.next() } == [
        1_546_998_764_402_558_742, 6_990_951_692_964_543_102, 12_544_586_762_248_559_009,
      ])
  }

  @Test func sameSeedSameBytesOnAnyMachine() throws {
    let text = "count=300,dimension=20,queries=10,clusters=4,intrinsic_dimension=5,metric=cosine,seed=7"
    let set = try make(text)
    #expect(set.contentHash == "f1b74097e3773b4d62d6747c3a2c5179c565bdcf0dba768d186772d0ef3c961a")
    #expect(try make(text).base == set.base)
    #expect(try make(text.replacingOccurrences(of: "seed=7", with: "seed=8")).contentHash != set.contentHash)
  }

  @Test func shapeAndLengthAreAsAsked() throws {
    let set = try make("count=100,dimension=24,queries=7,clusters=3,intrinsic_dimension=4,metric=ip")
    #expect(set.base.count == 100 && set.queries.count == 7 && set.base.dimension == 24 && set.metric == .ip)
    for row in 0..<100 { #expect(abs(set.base.row(row).reduce(0) { $0 + $1 * $1 } - 1) < 1e-5) }
  }

  /// The estimate of a finite sample lies below the truth, the more so the higher the dimension: it must be within 15 % of
  /// the stated dimension up to 8, within 25 % at 16.
  @Test(arguments: [(2, 0.15), (4, 0.15), (8, 0.15), (16, 0.25)])
  func intrinsicDimensionIsTheStatedOne(stated: Int, tolerance: Double) throws {
    let set = try make(
      "count=20000,dimension=64,queries=200,clusters=2,intrinsic_dimension=\(stated),noise=0.005,seed=3")
    let estimate = try #require(IntrinsicDimension.estimate(of: set, queries: 200))
    #expect(abs(estimate - Double(stated)) <= tolerance * Double(stated), "stated \(stated), estimated \(estimate)")
  }

  /// Independent uniform numbers vary in all their directions: the estimate is told by the data, not by the generator.
  @Test func estimateKnowsAPlainCube() throws {
    var random = Xoshiro256(seed: 11)
    let dataset = try (0..<2).map { part in
      try VectorSet(dimension: 3, values: (0..<(part == 0 ? 15_000 : 600)).map { _ in Float(random.below(1 << 20)) })
    }
    let cube = try VectorDataset(name: "cube", metric: .l2, base: dataset[0], queries: dataset[1])
    let estimate = try #require(IntrinsicDimension.estimate(of: cube, queries: 200))
    #expect(abs(estimate - 3) < 0.3, "\(estimate)")
  }

  @Test func queriesFindNeighboursCloserThanStrangers() throws {
    let set = try make("count=5000,dimension=64,queries=50,clusters=20,intrinsic_dimension=8,seed=5")
    let truth = try GroundTruth.reference(of: set, k: set.base.count)
    for query in 0..<50 {
      let distances = truth.distances[query * 5000..<(query + 1) * 5000]
      // Of independent noise in 64 dimensions the nearest would lie at over 40 % of the median squared distance.
      #expect(distances.first! < 0.25 * distances[distances.startIndex + 2500])
    }
  }

  @Test(arguments: [
    ("count=0", "count must be from 1 to"), ("dimension=0", "dimension must be from 1 to 65536"),
    ("intrinsic_dimension=400", "intrinsic_dimension must be from 1 to dimension (384), not 400"),
    ("clusters=100001", "clusters must be from 1 to count"), ("noise=-1", "noise must be from 0"),
    ("noise=nan", "noise must be from 0"), ("count=many", "count needs a number, not 'many'"),
    ("size=3", "no parameter is called 'size'"), ("count", "'count' is no key=value"),
    ("metric=hamming", "metric is l2, ip or cosine, not 'hamming'"),
  ])
  func senselessParametersAreNamed(text: String, reason: String) {
    #expect(failure { _ = try make(text) }?.contains(reason) == true)
  }

  @Test func samplesAreDifferentRows() {
    var random = Xoshiro256(seed: 1)
    for count in [0, 1, 10, 50] {
      let rows = random.sample(count, below: 50)
      #expect(Set(rows).count == count && rows.allSatisfy { (0..<50).contains($0) })
    }
  }
}
