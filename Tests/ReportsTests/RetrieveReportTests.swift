import Foundation
import FoundationXML
import Reports
import RunStore
import Testing

@Suite struct RetrieveReportTests {
  /// Two chunkings of one corpus, two embedders, two indexes; one embedder failed on one chunking, and one cut texts off.
  private static func run() -> RunRecord {
    func score(_ value: Double, interval: Double = 0.02) -> MetricValue {
      MetricValue(
        value, unit: "ratio", better: .higher, kind: .quality, ci95: [value - interval, value + interval], n: 150)
    }
    func count(_ value: Double) -> MetricValue { MetricValue(value, unit: "1", better: .none, kind: .count) }
    func one(_ size: Int, _ embedder: String, _ index: String, quality: Double) -> CaseRecord {
      var labels = [
        "dataset": "handbook", "chunker": "recursive", "size": "\(size)", "overlap": "\(size / 10)",
        "embedder": embedder, "engine": "ragmeter", "index": index, "documents": "60", "queries": "150",
        "n": "\(60_000 / size)", "dimension": "384", "metric": "ip", "k": "10", "threads": "1", "mode": "single",
        "build_threads": "1", "embed_threads": "2",
      ]
      if index == "hnsw" { labels.merge(["m": "16", "ef": "64"]) { $1 } }
      if embedder == "minilm" { labels["precision"] = "fast" }
      let cost = embedder == "minilm" ? 1.0 : 1e-3
      return CaseRecord(
        id: "retrieve/handbook/recursive/size=\(size)/\(embedder)/\(index)", workload: "retrieve", labels: labels,
        metrics: [
          "ndcg@10": score(quality), "recall@10": score(quality + 0.05), "recall@1": score(quality - 0.2),
          "mrr@10": score(quality - 0.02), "map": score(quality - 0.02), "success@1": score(quality - 0.2),
          "evidence_recall@10": score(quality - 0.1), "precision@10": score(0.1),
          "chunks": count(Double(60_000 / size)),
          "truncated_chunks": count(size > 500 && embedder == "minilm" ? 3 : 0),
          "chunk_seconds": seconds(2e-4), "embed_seconds": seconds(cost * 512 / Double(size)),
          "tokens_per_second": rate(30_000 / cost), "insert_seconds": seconds(index == "hnsw" ? 0.03 : 0.002),
          "query_embed_latency_p50": seconds(2e-3 * cost), "latency_p50": seconds(index == "hnsw" ? 9e-6 : 15e-6),
          "latency_p99": seconds(40e-6), "index_bytes": bytes(Double(60_000 / size) * 1600),
          "chunks_fetched": count(20), "qps": rate(50_000),
        ],
        worst: [
          WorstQuestion(
            id: "hb-007", text: "Which | of the two — 索引 or scan — is *faster*?", score: 0,
            relevant: ["exact", "hnsw"],
            found: "bm25"),
          WorstQuestion(id: "hb-008", text: "And why?", score: 0.430676, relevant: ["exact"], found: nil),
        ])
    }
    var failed = one(256, "hashing", "hnsw", quality: 0)
    failed.metrics = [:]
    failed.worst = nil
    failed.failure = "the index was\nnot built"
    return RunRecord(
      run: header("retrieval", warnings: ["minilm reads only the beginning of 3 of 117 chunks"]),
      cases: [
        one(256, "minilm", "flat", quality: 0.86), one(256, "minilm", "hnsw", quality: 0.85),
        one(512, "minilm", "flat", quality: 0.91), one(512, "minilm", "hnsw", quality: 0.91),
        one(256, "hashing", "flat", quality: 0.55), failed, one(512, "hashing", "flat", quality: 0.5),
        one(512, "hashing", "hnsw", quality: 0.49),
      ])
  }

  @Test(arguments: [100, 170]) func terminal(width: Int) throws {
    try expectSnapshot(Report(run: Self.run()).terminal(width: width, color: false), "retrieve-\(width).txt")
  }

  @Test func markdown() throws {
    try expectSnapshot(Report(run: Self.run()).markdown(), "retrieve.md")
  }

  /// Recall of documents is not that of an index: neither curves, nor builds, nor ratios are made of it.
  @Test func tablesAreThoseOfRetrievalAlone() {
    #expect(Report(run: Self.run()).tables.map(\.title) == ["retrieve · handbook", "worst questions · handbook"])
  }

  @Test(.enabled(if: PlotTests.hasGnuplot, "gnuplot is not installed")) func plotsAreDrawn() throws {
    // Kept where RAGMETER_PLOTS says, to be looked at.
    let kept = ProcessInfo.processInfo.environment["RAGMETER_PLOTS"]
    let folder = try TemporaryFolder()
    let files = try Report(run: Self.run()).writePlots(to: kept ?? folder.path)
    #expect(
      Set(files.map { URL(fileURLWithPath: $0).lastPathComponent })
        == Set(["quality-cost", "chunk-size"].flatMap { ["handbook-\($0).png", "handbook-\($0).svg"] }))
    for file in files where file.hasSuffix(".svg") {
      let parser = XMLParser(data: try Data(contentsOf: URL(fileURLWithPath: file)))
      #expect(parser.parse(), "\(file): \(parser.parserError.map { "\($0)" } ?? "")")
    }
  }
}
