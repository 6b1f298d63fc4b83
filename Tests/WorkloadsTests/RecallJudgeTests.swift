import Datasets
import Testing
import VectorIndexes
import Workloads

/// METRICS: recall@k. Rows on a line at 0, 1, 2, 2, 3, 10; the query at 0; k = 3, so that the third distance is shared.
@Suite struct RecallJudgeTests {
  private static let dataset = VectorDataset(
    name: "line", metric: .l2, base: try! VectorSet(dimension: 1, values: [0, 1, 2, 2, 3, 10]),
    queries: try! VectorSet(dimension: 1, values: [0]), contentHash: "line")

  private func recall(_ ids: [Int64], _ ties: TieRule, allowed: [Int64]? = nil) throws -> Double {
    var dataset = Self.dataset
    var truth = try GroundTruth.reference(of: dataset, k: 3)
    if let allowed {
      dataset.base = try VectorSet(dimension: 1, values: allowed.map { dataset.base.values[Int($0)] })
      truth = try GroundTruth.reference(of: dataset, k: 3)
      truth.neighbors = truth.neighbors.map { Int32(allowed[Int($0)]) }
    }
    let judge = RecallJudge(Self.dataset, truth: truth, ties: ties, allowed: allowed.map { IDFilter($0) })
    return try #require(judge.recall(of: ids).first)
  }

  @Test(arguments: [
    ([0, 1, 2], 3.0, "the true ones"),
    ([2, 0, 1], 3.0, "in any order"),
    ([0, 1, 3], 3.0, "the other of two equal ones"),
    ([0, 2, 3], 3.0, "both equal ones, though one nearer is missing"),
    ([0, 1, 4], 2.0, "one too far"),
    ([5, 4, -1], 0.0, "none"),
    ([0, 0, 0], 1.0, "a repeated id counts once"),
    ([0, 1, -1], 2.0, "a missing id is a miss"),
    ([0, 1, 6], 2.0, "an unknown id is a miss"),
    ([0, 1, 1 << 40], 2.0, "a far unknown id is a miss"),
  ])
  func distancesDecide(ids: [Int64], hits: Double, why: String) throws {
    #expect(try recall(ids, .distance) == hits / 3, "\(why)")
  }

  @Test(arguments: [([0, 1, 2], 3.0), ([0, 1, 3], 2.0), ([2, 2, 1], 2.0), ([0, 1, 6], 2.0)])
  func idsDecide(ids: [Int64], hits: Double) throws {
    #expect(try recall(ids, .ids) == hits / 3)
  }

  @Test func annBenchmarksToleratesAThousandthOfTheEuclideanDistance() throws {
    let dataset = VectorDataset(
      name: "line", metric: .l2, base: try VectorSet(dimension: 1, values: [1, 2, 2.0005, 2.002]),
      queries: try VectorSet(dimension: 1, values: [0]), contentHash: "line")
    let truth = try GroundTruth.reference(of: dataset, k: 2)
    func recall(_ ids: [Int64], _ ties: TieRule) -> Double? {
      RecallJudge(dataset, truth: truth, ties: ties).recall(of: ids).first
    }
    #expect(recall([0, 2], .annBenchmarks) == 1)
    #expect(recall([0, 3], .annBenchmarks) == 0.5)
    #expect(recall([0, 2], .distance) == 0.5)
  }

  @Test func whatAFilterForbidsIsAMissHoweverNear() throws {
    #expect(try recall([2, 3, 4], .distance, allowed: [2, 3, 4, 5]) == 1)
    #expect(try recall([0, 1, 2], .distance, allowed: [2, 3, 4, 5]) == 1.0 / 3)
  }

  /// Each true neighbour must count although float32 rounds its distance.
  @Test(arguments: DatasetMetric.allCases)
  func theTruthHasFullRecall(metric: DatasetMetric) throws {
    for seed in 0..<5 {
      let dataset = try randomDataset(500, 100, queries: 10, metric: metric, seed: UInt64(seed))
      let truth = try GroundTruth.reference(of: dataset, k: 10)
      for ties in TieRule.allCases {
        let recall = RecallJudge(dataset, truth: truth, ties: ties).recall(of: truth.neighbors.map { Int64($0) })
        #expect(recall == Array(repeating: 1, count: 10), "seed \(seed), \(metric), \(ties)")
      }
    }
  }
}
