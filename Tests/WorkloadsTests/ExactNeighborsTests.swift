import Datasets
import Testing
import Workloads

@Suite struct ExactNeighborsTests {
  /// Sizes around the panels (32 rows), the chunks (1 024 rows) and the query tiles (32).
  @Test(arguments: [
    (1, 1, 1), (31, 3, 5), (32, 8, 32), (33, 17, 33), (1000, 5, 40), (1024, 16, 3), (1025, 16, 65), (2500, 96, 20),
  ])
  func agreesWithPlainDoublePrecision(rows: Int, dimension: Int, queries: Int) throws {
    for metric in DatasetMetric.allCases {
      let seed = UInt64(rows * 31 + dimension)
      let dataset = try randomDataset(rows, dimension, queries: queries, metric: metric, seed: seed)
      let k = min(10, rows)
      let found = try ExactNeighbors.of(dataset.queries, in: dataset.base, metric: metric, k: k, threads: 2)
      #expect(found == (try GroundTruth.reference(of: dataset, k: k)), "seed \(seed), \(metric)")
    }
  }

  /// Many rows at equal distance: more than the candidates that are kept, so that rows must be looked at again.
  @Test(arguments: DatasetMetric.allCases)
  func tiesGoToTheSmallerRow(metric: DatasetMetric) throws {
    var values: [Float] = []
    for row in 0..<3000 { values += row % 3 == 0 ? [1, 2, 3, 4] : [4, 3, 2, Float(row % 7)] }
    let dataset = VectorDataset(
      name: "ties", metric: metric, base: try VectorSet(dimension: 4, values: values),
      queries: try VectorSet(dimension: 4, values: [1, 2, 3, 4, 4, 3, 2, 1]), contentHash: "ties")
    let found = try ExactNeighbors.of(dataset.queries, in: dataset.base, metric: metric, k: 20, threads: 2)
    #expect(found == (try GroundTruth.reference(of: dataset, k: 20)))
  }

  /// Far from the origin, where float32 loses the differences that decide.
  @Test func cancellationDoesNotDecide() throws {
    let near = try randomVectors(2000, 8, seed: 5)
    let base = try VectorSet(dimension: 8, values: near.values.map { 1000 + $0 * 0.001 })
    let dataset = VectorDataset(
      name: "far", metric: .l2, base: base,
      queries: try VectorSet(dimension: 8, values: Array(base.values[..<80])), contentHash: "far")
    let found = try ExactNeighbors.of(dataset.queries, in: base, metric: .l2, k: 10, threads: 1)
    #expect(found == (try GroundTruth.reference(of: dataset, k: 10)))
  }

  @Test func whatHasNoNeighboursIsRefused() throws {
    let base = try randomVectors(10, 4, seed: 1)
    let queries = try randomVectors(2, 4, seed: 2)
    func refusal(_ body: () throws -> GroundTruth) -> String {
      do {
        _ = try body()
        return "nothing was refused"
      } catch {
        return "\(error)"
      }
    }
    for k in [0, 11, -1] {
      #expect(
        refusal { try ExactNeighbors.of(queries, in: base, metric: .l2, k: k, threads: 1) }.contains("choose 1...10"))
    }
    var values = base.values
    values[6] = .nan
    let broken = try VectorSet(dimension: 4, values: values)
    #expect(
      refusal { try ExactNeighbors.of(queries, in: broken, metric: .l2, k: 1, threads: 1) }
        .contains("vector 1 holds NaN or infinity"))
    let zero = try VectorSet(dimension: 4, values: [0, 0, 0, 0])
    #expect(
      refusal { try ExactNeighbors.of(zero, in: base, metric: .cosine, k: 1, threads: 1) }
        .contains("query 0 is all zeros"))
    #expect(
      refusal { try ExactNeighbors.of(try randomVectors(1, 5, seed: 1), in: base, metric: .l2, k: 1, threads: 1) }
        .contains("5 dimensions"))
  }
}
