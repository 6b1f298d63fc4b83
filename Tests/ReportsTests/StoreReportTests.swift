import Foundation
import FoundationXML
import Reports
import RunStore
import Testing

@Suite struct StoreReportTests {
  /// The embedded store beside three others with the same indexes: one takes its time until inserts are found, one cannot tell of
  /// deletes, one was down. Figures of the right magnitude, made up.
  private static var run: RunRecord {
    var cases: [CaseRecord] = []
    for (store, slowness) in [("embedded", 1.0), ("milvus", 60), ("sqlite-vec", 8)] {
      for threads in [1, 4] {
        cases.append(one(store, "flat", slowness: slowness, threads: threads, recall: 1, speed: 1))
        guard store != "sqlite-vec" else { continue }
        for (ef, recall, speed) in [(16, 0.91, 12.0), (64, 0.985, 6), (128, 0.999, 3)] {
          cases.append(one(store, "hnsw", slowness: slowness, threads: threads, ef: ef, recall: recall, speed: speed))
        }
      }
    }
    let down = labels("pgvector", "flat", threads: 1)
    cases.append(
      CaseRecord(
        id: "store/wordnet/pgvector", workload: "store", labels: down,
        failure: "nothing listens at 127.0.0.1:5432; start it with scripts/systems up pgvector"))
    return RunRecord(run: header("stores"), cases: cases)
  }

  private static func labels(_ store: String, _ index: String, threads: Int, ef: Int? = nil) -> [String: String] {
    var labels = [
      "dataset": "wordnet", "consistency": "strong", "batch": "1000", "n": "10000", "dimension": "384", "metric": "ip",
      "queries": "500", "store": store,
      "engine": "ragmeter", "index": index, "k": "10", "threads": "\(threads)",
    ]
    if let ef { labels.merge(["m": "16", "ef_construction": "200", "ef": "\(ef)"]) { $1 } }
    return labels
  }

  private static func one(
    _ store: String, _ index: String, slowness: Double, threads: Int, ef: Int? = nil, recall: Double, speed: Double
  ) -> CaseRecord {
    let labels = labels(store, index, threads: threads, ef: ef)
    let queries = 1200 * speed / slowness * Double(threads).squareRoot()
    let insert = (index == "hnsw" ? 2.4 : 0.3) * slowness.squareRoot()
    var metrics = [
      "insert_seconds": seconds(insert), "insert_rate": rate(10_000 / insert),
      "insert_batch_p50": seconds(insert / 12), "insert_batch_p99": seconds(insert / 8),
      "optimize_seconds": seconds(insert / 5), "visibility_p50": seconds(2e-4 * slowness * slowness),
      "visibility_p99": seconds(5e-4 * slowness * slowness), "visibility_max": seconds(7e-4 * slowness * slowness),
      "read_after_write": ratio(store == "milvus" ? 0.12 : 1), "delete_visibility_p50": seconds(3e-4 * slowness),
      "delete_visibility_max": seconds(9e-4 * slowness), "recall@10": ratio(recall), "qps": rate(queries),
      "latency_p50": seconds(Double(threads) / queries), "latency_p95": seconds(1.5 * Double(threads) / queries),
      "latency_p99": seconds(2.1 * Double(threads) / queries), "latency_p999": seconds(4 * Double(threads) / queries),
      "latency_max": seconds(7 * Double(threads) / queries), "disk_bytes": bytes(18e6 * (slowness > 1 ? 1.4 : 1)),
      "short_answers": ratio(0), "harness_overhead": seconds(1.4e-7), "insert_one_p50": seconds(1e-4 * slowness),
      "upsert_rate": rate(4000 / slowness),
      "delete_rate": rate(9000 / slowness), "reinsert_rate": rate(5000 / slowness),
      "churned_recall@10": ratio(recall - 0.01), "churned_latency_p50": seconds(1.1 * Double(threads) / queries),
    ]
    if store == "sqlite-vec" {
      for name in ["delete_visibility_p50", "delete_visibility_max"] {
        metrics[name] = MetricValue(
          nil, unit: "s", better: .lower, kind: .timing, reason: "no row was deleted within the time allowed")
      }
    }
    if store == "milvus" { metrics["disk_bytes"] = bytes(nil, reason: "the server does not tell") }
    return CaseRecord(
      id: "store/wordnet/" + labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "/"),
      workload: "store", labels: labels, metrics: metrics)
  }

  @Test func terminal() throws {
    try expectSnapshot(Report(run: Self.run).terminal(width: 120, color: false), "stores-120.txt")
  }

  @Test func markdown() throws {
    try expectSnapshot(Report(run: Self.run).markdown(), "stores.md")
  }

  @Test(.enabled(if: PlotTests.hasGnuplot, "gnuplot is not installed")) func plotsAreDrawn() throws {
    // Kept where RAGMETER_PLOTS says, to be looked at.
    let kept = ProcessInfo.processInfo.environment["RAGMETER_PLOTS"]
    let folder = try TemporaryFolder()
    let files = try Report(run: Self.run).writePlots(to: kept ?? folder.path)
    #expect(
      Set(files.map { URL(fileURLWithPath: $0).lastPathComponent })
        == Set(["stores", "stores-recall"].flatMap { ["wordnet-\($0).png", "wordnet-\($0).svg"] }))
    for file in files where file.hasSuffix(".svg") {
      let parser = XMLParser(data: try Data(contentsOf: URL(fileURLWithPath: file)))
      #expect(parser.parse(), "\(file): \(parser.parserError.map { "\($0)" } ?? "")")
    }
  }
}
