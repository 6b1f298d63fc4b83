import Datasets
import Testing
import VectorIndexes
import Workloads

@Suite struct InTreeEngineTests {
  private func built(_ dataset: VectorDataset) throws -> InTreeEngine {
    let engine = InTreeEngine(IndexSpecification(kind: "flat"))
    let report = try engine.build(dataset.base, metric: dataset.metric, batch: 64, threads: 2)
    #expect(report.batchSeconds.count == (dataset.base.count + 63) / 64)
    #expect(report.indexBytes != nil)
    return engine
  }

  @Test(arguments: [
    (SearchPassRequest.Mode.single, 1), (.single, 2), (.single, 5), (.batch(size: 1), 1), (.batch(size: 7), 2),
    (.batch(size: 100), 1),
  ])
  func everyModeAnswersTheSame(mode: SearchPassRequest.Mode, threads: Int) throws {
    let dataset = try randomDataset(200, 12, queries: 33)
    let engine = try built(dataset)
    defer { engine.close() }
    let pass = try engine.search(
      dataset.queries, pass: SearchPassRequest(k: 7, mode: mode, threads: threads, parameters: [:]))
    #expect(pass.ids == (try GroundTruth.reference(of: dataset, k: 7)).neighbors.map { Int64($0) })
    #expect(pass.seconds > 0)
    switch mode {
    case .single: #expect(pass.latencies.count == 33)
    case .batch(let size): #expect(pass.latencies.count == (33 + size - 1) / size)
    }
  }

  @Test func badRequestsAreSentences() throws {
    let dataset = try randomDataset(20, 4, queries: 2)
    let engine = InTreeEngine(IndexSpecification(kind: "flat"))
    func failure(_ queries: VectorSet, k: Int = 1, _ parameters: [String: String] = [:]) -> String {
      do {
        _ = try engine.search(
          queries, pass: SearchPassRequest(k: k, mode: .single, threads: 1, parameters: parameters))
        return "nothing was refused"
      } catch {
        return "\(error)"
      }
    }
    #expect(failure(dataset.queries).contains("was not built"))
    _ = try engine.build(dataset.base, metric: .l2, batch: 1000, threads: 1)
    #expect(failure(try randomVectors(1, 5, seed: 1)).contains("5 dimensions cannot search vectors of 4"))
    #expect(failure(dataset.queries, k: 0).contains("k above 0"))
    #expect(failure(dataset.queries, ["ef": "x"]).contains("ef must be an integer"))
    #expect(failure(dataset.queries, ["efSearch": "3"]).contains("no search parameter is called 'efSearch'"))
    engine.close()
    #expect(failure(dataset.queries).contains("was not built"))
  }

  @Test func theNullIndexAnswersNothingOnTheSamePath() throws {
    let dataset = try randomDataset(20, 4, queries: 9)
    let null = InTreeEngine.null()
    _ = try null.build(dataset.base, metric: .l2, batch: 1000, threads: 1)
    let pass = try null.search(
      dataset.queries, pass: SearchPassRequest(k: 3, mode: .single, threads: 2, parameters: [:]))
    #expect(pass.ids == Array(repeating: -1, count: 27))
    #expect(pass.latencies.count == 9)
  }
}
