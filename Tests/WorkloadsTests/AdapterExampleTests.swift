import Datasets
import Foundation
import Testing
import Workloads

/// The adapter that PROTOCOL.md shows to its readers does what the document says.
@Suite struct AdapterExampleTests {
  private func engine(_ parameters: [String: String] = [:]) throws -> AdapterEngine {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Benchmarks/adapters/example.pl").path
    return AdapterEngine(
      name: "example", command: ["perl", script], parameters: parameters,
      folder: try AdapterFolder(in: NSTemporaryDirectory()))
  }

  @Test(arguments: DatasetMetric.allCases, [SearchPassRequest.Mode.single, .batch(size: 3)])
  func answersExactly(metric: DatasetMetric, mode: SearchPassRequest.Mode) throws {
    let data = ClusteredVectors(base: 200, queries: 8, dimension: 5, clusters: 4, seed: 11)
    let engine = try engine()
    defer { engine.close() }
    let built = try engine.build(data.base, metric: metric, batch: 50, threads: 1)
    #expect(built.indexBytes == 200 * 5 * 4)
    let pass = try engine.search(
      data.queries, pass: SearchPassRequest(k: 10, mode: mode, threads: 1, parameters: [:]))
    let found = (0..<8).map { Set(pass.ids[$0 * 10..<$0 * 10 + 10]) }
    #expect(found == data.nearest(10, metric: metric), "seed \(data.seed)")
    #expect(pass.latencies.count == (mode == .single ? 8 : 3))
    #expect(pass.distances == 200 * 8)
  }

  @Test func tellsWhereNothingWasFound() throws {
    let engine = try engine()
    defer { engine.close() }
    _ = try engine.build(
      try VectorSet(dimension: 1, values: [0, 1, 2]), metric: .l2, batch: 3, threads: 1)
    let pass = try engine.search(
      try VectorSet(dimension: 1, values: [1.9]),
      pass: SearchPassRequest(k: 5, mode: .single, threads: 1, parameters: [:]))
    #expect(pass.ids == [2, 1, 0, -1, -1])
  }

  @Test func refusesParameters() throws {
    let misbuilt = try engine(["M": "16"])
    defer { misbuilt.close() }
    let error = #expect(throws: AdapterError.self) {
      try misbuilt.build(AdapterFixture.base, metric: .l2, batch: 10, threads: 1)
    }
    #expect(error?.description == "adapter example refused build: unknown build parameter M; there are none")
  }
}
