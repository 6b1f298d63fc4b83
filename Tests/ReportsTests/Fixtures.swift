import Foundation
import Instrumentation
import RunStore
import Statistics

func header(_ name: String, valid: Bool = true, warnings: [String] = []) -> RunHeader {
  RunHeader(
    id: "20260131T123456Z-1a2b3c", name: name, started: "2026-01-31T12:34:56.789Z", duration: 83.25, seed: 42,
    workloadHash: "w1", machine: MachineFingerprint(cpu: "Example CPU", cores: 2, memory: 24 << 30, build: "release"),
    valid: valid, warnings: warnings)
}

func ratio(_ value: Double, n: Int = 1000) -> MetricValue {
  MetricValue(value, unit: "ratio", better: .higher, kind: .quality, n: n)
}

func rate(_ value: Double, interval: [Double]? = nil) -> MetricValue {
  MetricValue(value, unit: "1/s", better: .higher, kind: .timing, ci95: interval, n: 5)
}

func seconds(_ value: Double) -> MetricValue {
  MetricValue(value, unit: "s", better: .lower, kind: .timing, n: 1000)
}

func bytes(_ value: Double?, reason: String? = nil) -> MetricValue {
  MetricValue(value, unit: "B", better: .lower, kind: .size, reason: reason)
}

/// A small run with all that a table has to cope with: ties, nulls with reasons, failures, wide characters.
func awkwardRun() -> RunRecord {
  func search(_ engine: String, _ index: String, ef: Int, recall: Double, qps: Double, distances: MetricValue)
    -> CaseRecord
  {
    CaseRecord(
      id: "search/寿司-set/\(engine)/\(index)/m=16/ef=\(ef)", workload: "search",
      labels: [
        "dataset": "寿司-set", "n": "5000", "dimension": "128", "engine": engine, "index": index, "m": "16",
        "ef": "\(ef)", "k": "10", "threads": "1", "mode": "single",
      ],
      metrics: [
        "recall@10": ratio(recall), "recall@10_p5": ratio(recall - 0.1),
        "qps": rate(qps, interval: [qps * 0.98, qps * 1.03]), "latency_p50": seconds(0.9 / qps),
        "latency_p99": seconds(2.1 / qps), "latency_p999": seconds(4 / qps), "distances_per_query": distances,
        "index_bytes": engine == "検索" ? bytes(nil, reason: "the adapter cannot tell") : bytes(3_284 * 5000),
      ])
  }
  func distances(_ value: Double?) -> MetricValue {
    MetricValue(value, unit: "1", better: .lower, kind: .count, reason: value == nil ? "no counter in this build" : nil)
  }
  let cases = [
    search("ragmeter", "hnsw", ef: 160, recall: 0.9987, qps: 4_321.5, distances: distances(2_950)),
    search("ragmeter", "hnsw", ef: 10, recall: 0.8123, qps: 51_234, distances: distances(312)),
    search("ragmeter", "hnsw", ef: 40, recall: 0.9712, qps: 16_400, distances: distances(980.5)),
    search("検索", "graph|_x_*", ef: 10, recall: 0.8123, qps: 30_000, distances: distances(nil)),
    search("検索", "graph|_x_*", ef: 40, recall: 0.9987, qps: 9_999.6, distances: distances(nil)),
    CaseRecord(
      id: "search/寿司-set/faiss/HNSW16,Flat/efSearch=40", workload: "search",
      labels: [
        "dataset": "寿司-set", "n": "5000", "dimension": "128", "engine": "faiss", "index": "HNSW16,Flat", "m": "16",
        "efSearch": "40", "k": "10", "threads": "1", "mode": "single",
      ], failure: "the adapter 'faiss' was killed by signal 9\nafter 3 of 10 passes; see its log"),
  ]
  return RunRecord(
    run: header("awkward", valid: false, warnings: ["one core was 93 % busy with other work before the run began"]),
    cases: cases)
}

/// A run of the size and shape of the peers' comparison on fashion-mnist: figures of the right magnitude, made up.
struct PeersRun {
  var record: RunRecord
  var latencies: [String: Histogram] = [:]

  private struct Engine {
    var engine: String
    var index: String
    var at95: Double
    var at99: Double
    /// −log₁₀(1 − recall) of the best and the worst point.
    var span: ClosedRange<Double> = 0.5...3.2
    var bytesPerVector: Double
    var build: Double
    var train = 0.0
    var search = "ef"
  }

  /// - Parameter batches: how many queries a call; 1 is the mode "single".
  init(batches: [Int] = [1, 100]) {
    let n = 60_000.0
    let engines = [
      Engine(engine: "ragmeter", index: "hnsw", at95: 35_800, at99: 20_700, bytesPerVector: 3_280, build: 14.1),
      Engine(engine: "ragmeter", index: "hnsw-sq8", at95: 84_000, at99: 49_000, bytesPerVector: 4_070, build: 3.6),
      Engine(engine: "ragmeter", index: "hnsw-sq4", at95: 103_000, at99: 76_000, bytesPerVector: 3_680, build: 3.9),
      Engine(
        engine: "ragmeter", index: "ivf", at95: 13_800, at99: 8_100, bytesPerVector: 3_150, build: 5.1, train: 3.2,
        search: "nprobe"),
      Engine(
        engine: "ragmeter", index: "ivf-sq8", at95: 24_500, at99: 13_200, bytesPerVector: 812, build: 5.4, train: 3.2,
        search: "nprobe"),
      Engine(
        engine: "ragmeter", index: "ivf-pq", at95: 33_100, at99: 17_900, bytesPerVector: 3_360, build: 5.9, train: 3.9,
        search: "nprobe"),
      Engine(
        engine: "ragmeter", index: "flat", at95: 1_333, at99: 1_333, span: 12...12, bytesPerVector: 3_528, build: 0.3,
        search: ""),
      Engine(
        engine: "faiss", index: "Flat", at95: 166, at99: 166, span: 12...12, bytesPerVector: 3_136, build: 0.05,
        search: ""),
      Engine(
        engine: "faiss", index: "HNSW16,Flat", at95: 23_900, at99: 13_600, bytesPerVector: 3_280, build: 16.9,
        search: "efSearch"),
      Engine(
        engine: "faiss", index: "HNSW16_SQ8", at95: 30_200, at99: 9_000, span: 0.5...1.9, bytesPerVector: 928,
        build: 11.8, search: "efSearch"),
      Engine(
        engine: "faiss", index: "IVF1024,Flat", at95: 9_400, at99: 5_500, bytesPerVector: 3_198, build: 8.5, train: 7.2,
        search: "nprobe"),
      Engine(
        engine: "faiss", index: "IVF1024,SQ8", at95: 11_900, at99: 7_100, span: 0.4...2.4, bytesPerVector: 846,
        build: 9.3, train: 7.4, search: "nprobe"),
      Engine(
        engine: "faiss", index: "IVF1024,PQ196x4fs,RFlat", at95: 14_700, at99: 9_000, bytesPerVector: 3_423,
        build: 10.9, train: 9.5, search: "nprobe"),
      Engine(engine: "hnswlib", index: "hnsw", at95: 20_400, at99: 12_100, bytesPerVector: 3_284, build: 18.2),
      Engine(
        engine: "usearch", index: "hnsw-f32", at95: 8_700, at99: 5_900, bytesPerVector: 3_285, build: 30.7,
        search: "expansion_search"),
      Engine(
        engine: "usearch", index: "hnsw-i8", at95: 22_400, at99: 11_100, span: 0.5...2.2, bytesPerVector: 933,
        build: 13.8, search: "expansion_search"),
      Engine(
        engine: "svs", index: "vamana", at95: 22_500, at99: 17_100, span: 1.5...3.3, bytesPerVector: 3_304, build: 37.2,
        search: "search_window_size"),
      Engine(
        engine: "vsag", index: "hgraph-sq8", at95: 25_100, at99: 18_300, span: 1.2...3.1, bytesPerVector: 4_900,
        build: 28.1, search: "ef_search"),
    ]
    var cases: [CaseRecord] = []
    var random = SplitMix64(seed: 7)
    for engine in engines {
      var labels = [
        "dataset": "fashion-mnist", "n": "60000", "dimension": "784", "metric": "l2", "engine": engine.engine,
        "index": engine.index, "threads": "1",
      ]
      if engine.search.hasPrefix("ef"), engine.engine != "vsag" { labels["m"] = "16" }
      let rest = engine.build - engine.train
      cases.append(
        CaseRecord(
          id: "insert/fashion-mnist/\(engine.engine)/\(engine.index)", workload: "insert", labels: labels,
          metrics: [
            "insert_seconds": seconds(engine.build), "train_seconds": seconds(engine.train),
            "add_seconds": seconds(rest), "optimize_seconds": seconds(0), "insert_rate": rate(n / engine.build),
            "index_bytes": bytes(engine.bytesPerVector * n),
          ]))
      for (batch, gain) in zip(batches, [1, 1.15]) {
        for step in 0..<(engine.search.isEmpty ? 1 : 8) {
          let u = engine.span.lowerBound + (engine.span.upperBound - engine.span.lowerBound) * Double(step) / 7
          let slope = (engine.at99 / engine.at95) * 0.98
          let steep = pow(slope, (u - 1.3) / 0.7) * pow(0.93, max(0, u - 2))
          let qps = engine.search.isEmpty ? engine.at95 : engine.at95 * steep * gain
          let recall = min(1, 1 - pow(10, -u))
          var asked = labels
          asked["k"] = "10"
          asked["mode"] = batch == 1 ? "single" : "batch"
          if batch > 1 { asked["batch"] = "\(batch)" }
          let value = "\(10 << step)"
          if !engine.search.isEmpty { asked[engine.search] = value }
          let id = "search/fashion-mnist/\(engine.engine)/\(engine.index)/batch=\(batch)/\(engine.search)=\(value)"
          var histogram = Histogram()
          for _ in 0..<4000 {
            let uniform = Double(random.next() >> 11) * 0x1p-53
            let tail = pow(1 - uniform, -0.18) * (0.85 + 0.15 * uniform)
            histogram.record(UInt64(1e9 / qps * tail))
          }
          latencies[id] = histogram
          func quantile(_ q: Double) -> MetricValue { seconds(Double(histogram.quantile(q) ?? 0) * 1e-9) }
          cases.append(
            CaseRecord(
              id: id, workload: "search", labels: asked,
              metrics: [
                "recall@10": ratio(recall), "qps": rate(qps, interval: [qps * 0.97, qps * 1.02]),
                "latency_p50": quantile(0.5), "latency_p99": quantile(0.99), "latency_p999": quantile(0.999),
                "distances_per_query": MetricValue(200 * pow(2, Double(step)), unit: "1", better: .lower, kind: .count),
              ]))
        }
      }
    }
    record = RunRecord(run: header("index-peers"), cases: cases)
  }
}
