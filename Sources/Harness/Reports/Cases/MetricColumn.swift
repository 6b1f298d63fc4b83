import RunStore

/// How a metric is headed in a table, and how soon it may be left out.
struct MetricColumn {
  var name: String
  var title: String
  var priority: Int

  /// The metrics that these cases have, in the order a reader looks for them; unknown ones last, by name.
  static func of(_ cases: [LabeledCase]) -> [MetricColumn] {
    let names = Set(cases.flatMap { $0.record.metrics.keys })
    let ranked = names.map { name in (column(name), rank(name)) }
    return ranked.sorted { $0.1 == $1.1 ? $0.0.name < $1.0.name : $0.1 < $1.1 }.map(\.0)
  }

  private static let known: [(name: String, title: String, priority: Int)] = [
    ("recall", "", 0), ("recall_p5", "", 6), ("qps", "QPS", 0),
    ("latency_p50", "p50", 1), ("latency_p95", "p95", 5), ("latency_p99", "p99", 2), ("latency_p999", "p99.9", 4),
    ("latency_max", "max", 7),
    ("insert_seconds", "insert", 0), ("insert_rate", "vectors/s", 1), ("train_seconds", "train", 4),
    ("add_seconds", "add", 3), ("optimize_seconds", "optimize", 5), ("index_bytes", "index size", 1),
    ("private_bytes", "private memory", 3), ("disk_bytes", "on disk", 5),
    ("add_latency_p50", "add p50", 6), ("add_latency_max", "add max", 7),
    ("tokens_per_second", "tokens/s", 0), ("texts_per_second", "texts/s", 2),
    ("texts_per_second_with_tokenizing", "texts/s with tokenizing", 2), ("cosine_mean", "cosine mean", 1),
    ("cosine_min", "cosine min", 1), ("padding_ratio", "padding", 4), ("tokenize_seconds", "tokenizing", 5),
    ("load_seconds", "load", 5), ("tokens_per_text", "tokens per text", 6), ("truncated_texts", "truncated", 6),
    ("differing_texts", "tokenized otherwise", 7),
    ("chunk_rate", "text/s", 0), ("chunks", "chunks", 0),
    ("chunk_length_p5", "chars p5", 3), ("chunk_length_p50", "chars p50", 1), ("chunk_length_p95", "chars p95", 2),
    ("chunk_length_max", "chars max", 2),
    ("chunk_tokens_p5", "tokens p5", 3), ("chunk_tokens_p50", "tokens p50", 1), ("chunk_tokens_p95", "tokens p95", 2),
    ("chunk_tokens_max", "tokens max", 2), ("overlap_share", "shared", 1), ("left_out_bytes", "left out", 3),
    ("distances_per_query", "distances per query", 4), ("visited_per_query", "visited per query", 6),
  ]

  /// Whether a metric tells of an index's build, and so is the same for all searches of it.
  static func isOfBuild(_ name: String) -> Bool {
    ["insert_seconds", "insert_rate", "train_seconds", "add_seconds", "optimize_seconds"].contains(name)
      || ["index_bytes", "private_bytes", "disk_bytes"].contains(name) || name.hasPrefix("add_latency_")
  }

  /// "recall@10" and "recall@10_p5" without their k.
  private static func family(_ name: String) -> String {
    guard name.hasPrefix("recall@") else { return name }
    return name.hasSuffix("_p5") ? "recall_p5" : "recall"
  }

  private static func rank(_ name: String) -> Int {
    known.firstIndex { $0.name == family(name) } ?? known.count
  }

  private static func column(_ name: String) -> MetricColumn {
    guard let entry = known.first(where: { $0.name == family(name) }) else {
      return MetricColumn(name: name, title: name.split(separator: "_").joined(separator: " "), priority: 8)
    }
    let title = entry.title.isEmpty ? name.split(separator: "_").joined(separator: " ") : entry.title
    return MetricColumn(name: name, title: title, priority: entry.priority)
  }
}
