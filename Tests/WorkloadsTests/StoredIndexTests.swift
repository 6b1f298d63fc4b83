import Datasets
import Experiments
import Foundation
import Testing
import VectorIndexes
import Workloads

/// An index in a store is measured by the passes that measure it bare, and answers alike.
@Suite struct StoredIndexTests {
  @Test(arguments: ["flat", "hnsw"], [SearchPassRequest.Mode.single, .batch(size: 8)])
  func answersAsTheBareIndex(kind: String, mode: SearchPassRequest.Mode) throws {
    let folder = try TemporaryFolder()
    let dataset = try randomDataset(300, 12, queries: 20)
    let stored = InTreeEngine(IndexSpecification(kind: kind), storedBelow: folder.path, labels: ["store": "embedded"])
    let bare = InTreeEngine(IndexSpecification(kind: kind))
    for allowed in [nil, (0..<300).filter { $0 % 3 == 0 }] as [[Int64]?] {
      var passes: [SearchPass] = []
      for engine in [stored, bare] {
        if allowed == nil {
          let report = try engine.build(dataset.base, metric: dataset.metric, batch: 100, threads: 1)
          #expect(report.batchSeconds.count == 3 && report.indexBytes ?? 0 > 300 * 12 * 4)
          #expect(try engine.savedBytes() > 300 * 12 * 4)
        }
        passes.append(
          try engine.search(
            dataset.queries,
            pass: SearchPassRequest(k: 5, mode: mode, threads: 2, parameters: ["ef": "300"], allowed: allowed)))
      }
      #expect(passes[0].ids == passes[1].ids, "\(allowed?.count ?? 300) rows")
      #expect(passes[0].latencies.count == passes[1].latencies.count)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    stored.close()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func experimentsNameTheStore() throws {
    let bench = try Bench()
    let plan = try bench.plan(
      """
        - workload: insert
          datasets: fake
          store: [none, embedded]
          indexes: [flat]
        - workload: search
          datasets: fake
          store: embedded
          indexes: ["hnsw:m=8,ef=10|20"]
      """)
    #expect(
      plan.cases.map(\.id) == [
        "insert/tiny/flat", "insert/tiny/store=embedded/flat", "search/tiny/store=embedded/hnsw/m=8/ef=10",
        "search/tiny/store=embedded/hnsw/m=8/ef=20",
      ])
    #expect(plan.cases.map { $0.labels["store"] } == [nil, "embedded", "embedded", "embedded"])
  }

  @Test func otherStoresAreRefused() throws {
    let bench = try Bench()
    func mistakes(_ keys: String) -> String {
      do {
        _ = try bench.plan("  - workload: search\n    datasets: fake\n    \(keys)\n")
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(mistakes("store: milvus\n    indexes: [flat]").contains("is no store"))
    #expect(
      mistakes("store: embedded\n    indexes: [\"adapter:faiss,factory=Flat\"]").contains("cannot live in a store"))
  }
}
