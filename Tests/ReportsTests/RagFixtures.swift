import RunStore

/// A run of whole systems: exact search and two indexes that approximate it under two loads, an outside store, a remote system
/// that does not tell its stages apart, and a failure. Figures of the right magnitude, made up.
enum RagFixture {
  /// How a question fared: seconds of each stage, and what came of it.
  struct Figures {
    var search = 40e-6
    var recall = 0.86
    var chunks = 1.0
    var f1 = 0.41
    var changed: Double? = 0
    var decode = 1.4
    var questions = 0.6
  }

  static func score(_ value: Double?, interval: Double? = nil, reason: String? = nil) -> MetricValue {
    MetricValue(
      value, unit: "ratio", better: .higher, kind: .quality,
      ci95: interval.flatMap { width in value.map { [$0 - width, $0 + width] } }, n: 40, reason: reason)
  }

  static func count(_ value: Double?, better: MetricValue.Direction = .none, reason: String? = nil) -> MetricValue {
    MetricValue(value, unit: "1", better: better, kind: .count, reason: reason)
  }

  static func labels(store: String, index: String, users: Int, n: Int, _ more: [String: String] = [:]) -> [String:
    String]
  {
    var labels = [
      "corpus": "handbook", "documents": "60", "chunks": "142", "questions": "40", "dimension": "384", "metric": "ip",
      "embed_threads": "2", "chunker": "recursive", "size": "512", "embedder": "minilm", "precision": "fast",
      "store": store, "engine": "ragmeter", "index": index, "generator": "ragmeter", "model": "smollm2-135m",
      "threads": "2", "template": "context-tags",
      "order": "best-last", "top_k": "5", "n": "\(n)", "users": "\(users)", "load": "users=\(users)",
      "overlap": "51", "stages": "overlapped", "duplicates": "text", "temperature": "0", "max_tokens": "64",
    ]
    if index == "hnsw" { labels.merge(["m": "16", "ef_construction": "200"]) { $1 } }
    if index == "ivf" { labels["nlist"] = "16" }
    return labels.merging(more) { $1 }
  }

  static func id(_ labels: [String: String]) -> String {
    "rag/" + labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "/")
  }

  static func one(_ labels: [String: String], _ figures: Figures) -> CaseRecord {
    let users = Double(labels["users"] ?? "") ?? 1
    let n = Double(labels["n"] ?? "") ?? 1
    let queue = users > 1 ? 0.12 * users : 0
    var metrics: [String: MetricValue] = [:]
    var time = queue
    for (stage, length) in [
      ("embed", 4.2e-3), ("search", figures.search), ("arrange", 12e-6), ("prompt", 0.9e-3), ("first_token", 0.35),
      ("decode", figures.decode * (1 + 0.1 * n)),
    ] {
      let length = length * (users > 1 && length > 0.1 ? users.squareRoot() : 1)
      metrics["stage_\(stage)_start_p50"] = seconds(time)
      for (quantile, factor) in [("p50", 1.0), ("p95", 1.6), ("p99", 2.4)] {
        metrics["stage_\(stage)_\(quantile)"] = seconds(length * factor)
      }
      if stage == "first_token" {
        for (quantile, factor) in [("p50", 1.0), ("p95", 1.6), ("p99", 2.4)] {
          metrics["ttft_\(quantile)"] = seconds((time + length) * factor)
        }
      }
      time += length
    }
    for (quantile, factor) in [("p50", 1.0), ("p95", 1.3), ("p99", 1.7)] {
      metrics["e2e_\(quantile)"] = seconds(time * factor)
    }
    metrics.merge(
      [
        "wait_p50": seconds(queue), "wait_p99": seconds(queue * 3), "retrieve_p50": seconds(4.3e-3 + figures.search),
        "retrieve_p99": seconds(9e-3 + 2 * figures.search), "tpot_p50": seconds(0.02),
        "questions_per_second": rate(figures.questions * users.squareRoot()),
        "output_tokens_per_second": rate(figures.questions * users.squareRoot() * 48 * n),
        "failed": count(0, better: .lower), "prompt_tokens": count(742), "context_tokens": count(610),
        "output_tokens": count(48), "passages": count(5), "cut_passages": count(0), "duplicate_passages": count(0.2),
        "prefix_hit_share": MetricValue(0.18, unit: "ratio", better: .higher, kind: .count),
        "recall@5": score(figures.recall), "mrr@5": score(figures.recall - 0.1), "ndcg@5": score(figures.recall - 0.05),
        "precision@5": score(0.2), "chunk_recall@5": score(figures.chunks),
        "exact_match": score(0.05), "answer_f1": score(figures.f1, interval: 0.06), "rouge_l": score(figures.f1 - 0.03),
        "context_overlap": score(0.78),
        "answers_changed": score(
          figures.changed, reason: figures.changed == nil ? "the answers of exact search failed" : nil),
        "cost_per_1000_questions": MetricValue(
          0.09 / figures.questions, unit: "USD", better: .lower, kind: .timing),
        "null_e2e_p50": seconds(21e-6),
      ]) { $1 }
    if n > 1 {
      metrics.merge([
        "exact_match_best": score(0.08), "answer_f1_best": score(figures.f1 + 0.07),
        "rouge_l_best": score(figures.f1 + 0.05),
      ]) { $1 }
    }
    return CaseRecord(id: id(labels), workload: "rag", labels: labels, metrics: metrics)
  }

  static var run: RunRecord {
    var cases: [CaseRecord] = []
    for users in [1, 4] {
      for n in [1, 3] {
        cases.append(one(labels(store: "embedded", index: "flat", users: users, n: n), Figures()))
        cases.append(
          one(
            labels(store: "embedded", index: "ivf", users: users, n: n, ["nprobe": "2"]),
            Figures(search: 18e-6, recall: 0.8, chunks: 0.86, f1: 0.39, changed: 0.2)))
        for (ef, chunks, f1, changed) in [(8, 0.81, 0.37, 0.3), (16, 0.94, 0.4, 0.1), (64, 1.0, 0.41, 0.0)] {
          cases.append(
            one(
              labels(store: "embedded", index: "hnsw", users: users, n: n, ["ef": "\(ef)"]),
              Figures(
                search: 6e-6 * Double(ef).squareRoot(), recall: 0.5 + 0.36 * chunks, chunks: chunks, f1: f1,
                changed: changed)))
        }
      }
    }
    return RunRecord(run: header("rag"), cases: cases)
  }

  /// An outside store, a whole remote system, documents inserted while questions came, and a server that was down.
  static var stores: RunRecord {
    let hnsw = ["ef": "64"]
    var live = one(labels(store: "embedded", index: "hnsw", users: 2, n: 1, hnsw), Figures())
    var milvus = one(
      labels(store: "milvus", index: "hnsw", users: 2, n: 1, hnsw),
      Figures(search: 6.5e-3, chunks: 0.99, f1: 0.408, changed: nil))
    for (place, factor) in [(0, 1.0), (1, 40.0)] {
      let fresh: [String: MetricValue] = [
        "freshness_p50": seconds(0.011 * factor), "freshness_p99": seconds(0.031 * factor),
        "freshness_max": seconds(0.052 * factor), "inserts_per_second": rate(19.6),
        "insert_seconds": seconds(0.42 * factor),
      ]
      if place == 0 { live.metrics.merge(fresh) { $1 } } else { milvus.metrics.merge(fresh) { $1 } }
    }
    let agentLabels = [
      "corpus": "handbook", "questions": "40", "generator": "llama-stack agent", "model": "smollm2-135m", "top_k": "5",
      "n": "1", "users": "2", "load": "users=2", "documents": "60",
    ]
    var agent = one(agentLabels, Figures())
    for name in agent.metrics.keys where name.hasPrefix("stage_") || name.hasPrefix("retrieve") {
      agent.metrics[name] = MetricValue(
        nil, unit: "s", better: .lower, kind: .timing, reason: "the server does not tell its stages apart")
    }
    let down = labels(store: "pgvector", index: "hnsw", users: 2, n: 1, hnsw)
    return RunRecord(
      run: header("rag stores"),
      cases: [
        live, milvus, agent,
        CaseRecord(
          id: id(down), workload: "rag", labels: down, failure: "nothing listens at 127.0.0.1:5432;\nstart it first"),
      ])
  }
}
