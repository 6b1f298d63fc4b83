import RunStore

/// What a retrieve case was made of, stage by stage, in words.
struct RetrieveLabels: Sendable {
  /// "recursive", and its size and overlap where it has them.
  let chunker: String
  let size: Int?
  let overlap: String
  /// Further parameters of the chunker, and what stands before each chunk: "tokenizer=minilm context=title".
  let chunking: String
  /// "minilm precision=fast"
  let embedder: String
  /// "hnsw", or another engine's with its name.
  let index: String
  /// Of the index: "m=16", "ef=64".
  let parameters: [String]
  /// Where the index lives: "embedded", or empty.
  let store: String

  private static let chunkerNames = ["separator", "tokenizer", "context"]
  private static let embedderNames = ["precision", "model", "url", "batch"]
  /// Of the data and of how it was measured, not of a stage.
  private static let others: Set = [
    "dataset", "documents", "queries", "n", "dimension", "metric", "k", "depth", "threads", "mode", "build_threads",
    "embed_threads", "engine", "index", "store", "chunker", "embedder", "size", "overlap",
  ]

  init(_ labels: [String: String]) {
    func words(_ names: [String]) -> [String] {
      names.compactMap { name in labels[name].map { "\(name)=\($0)" } }
    }
    chunker = labels["chunker"] ?? ""
    size = labels["size"].flatMap(Int.init)
    overlap = labels["overlap"] ?? ""
    chunking = words(Self.chunkerNames).joined(separator: " ")
    embedder = ([labels["embedder"] ?? ""] + words(Self.embedderNames)).joined(separator: " ")
    let known = CaseLabels.parameterOrder
    parameters = words(
      labels.keys.filter { name in
        !Self.others.contains(name) && !Self.chunkerNames.contains(name) && !Self.embedderNames.contains(name)
      }.sorted { a, b in
        let (x, y) = (known.firstIndex(of: a) ?? known.count, known.firstIndex(of: b) ?? known.count)
        return x == y ? a < b : x < y
      })
    let engine = labels["engine"].flatMap { $0 == "ragmeter" || $0 == labels["index"] ? nil : $0 }
    index = [engine, labels["index"]].compactMap { $0 }.joined(separator: " ")
    store = labels["store"] ?? ""
  }

  /// "recursive 512/51", "separator separator=# ".
  var chunkerName: String {
    let length = size.map { overlap.isEmpty ? ["\($0)"] : ["\($0)/\(overlap)"] } ?? []
    return ([chunker] + length + (chunking.isEmpty ? [] : [chunking])).joined(separator: " ")
  }

  /// "hnsw m=16 ef=64"
  var indexName: String { ([index] + parameters).joined(separator: " ") }

  /// "recursive 512/51 · minilm · flat"
  var name: String { [chunkerName, embedder, indexName].joined(separator: " · ") }
}

/// A retrieve case, read.
struct RetrieveRow: Sendable {
  let labels: RetrieveLabels
  let record: CaseRecord

  init(_ item: LabeledCase) {
    labels = RetrieveLabels(item.record.labels)
    record = item.record
  }

  func metric(_ name: String) -> MetricValue? { record.metrics[name] }

  func value(_ name: String) -> Double? { record.metrics[name]?.value }

  /// The best case first; failures last.
  static func sorted(_ cases: [LabeledCase], by quality: String) -> [RetrieveRow] {
    cases.map(RetrieveRow.init).sorted { a, b in
      let (x, y) = (a.value(quality) ?? -1, b.value(quality) ?? -1)
      guard x == y else { return x > y }
      let (p, q) = (a.value("latency_p50") ?? .infinity, b.value("latency_p50") ?? .infinity)
      return p == q ? a.record.id < b.record.id : p < q
    }
  }

  /// "ndcg@10": by which cases are ranked. `nil` where no case has it.
  static func qualityName(_ cases: [LabeledCase]) -> String? {
    cases.lazy.flatMap { $0.record.metrics.keys }.first { $0.hasPrefix("ndcg@") }
  }
}
