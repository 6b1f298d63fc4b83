/// What a whole system was made of, part by part, in the order in which a question meets them: the labels of the workloads
/// "rag" and "store".
struct SystemLabels: Sendable {
  struct Part: Sendable, Hashable {
    var title: String
    var text: String
  }

  /// What may tell rows apart, but for the index; parts that a case does not have are missing.
  let parts: [Part]
  /// Of the data and of how it was measured.
  let facts: [Part]
  /// "hnsw", or another engine's with its name.
  let index: String
  /// "m=16", of what was built, and "ef=64", of how it is searched.
  let build: [String]
  var search: [String]

  static let indexTitle = "index"
  /// Under which load rows were measured.
  static let loads = ["users", "rate"]

  /// A part's labels: the first is its name, the others are settings behind it.
  private static let known: [(title: String, names: [String])] = [
    ("chunker", ["chunker", "size", "overlap", "separator", "tokenizer", "context"]),
    ("embedder", ["embedder", "precision", "embed_model", "batch"]),
    ("store", ["store"]), ("consistency", ["consistency"]),
    ("generator", ["generator", "model"]),
    ("template", ["template"]), ("order", ["order"]), ("duplicates", ["duplicates"]), ("budget", ["budget"]),
    ("top k", ["top_k"]), ("k", ["k"]), ("n", ["n"]), ("max tokens", ["max_tokens"]),
  ]
  /// Behind parts that are not known by name.
  private static let last = ["stages", "inserts", "users", "rate", "arrivals", "threads"]
  private static let factNames = [
    "documents", "questions", "queries", "chunks", "vectors", "dimension", "metric", "depth", "embed_threads",
    "build_threads",
  ]
  private static let buildNames: Set = [
    "m", "M", "ef_construction", "efConstruction", "nlist", "codes", "pq_m", "passes", "alpha", "originals",
    "iterations", "train_size",
  ]
  /// Where the part's text alone would not tell what it is.
  private static let bare: Set = [
    "chunker", "embedder", "store", indexTitle, "generator", "template", "order", "stages",
  ]

  init(_ labels: [String: String]) {
    var left = labels
    for name in ["dataset", "corpus", "section", "workload", "load"] { left[name] = nil }
    func take(_ names: [String]) -> [String] { names.compactMap { left.removeValue(forKey: $0) } }
    func assignments(_ names: [String]) -> [String] {
      names.compactMap { name in left.removeValue(forKey: name).map { "\(name)=\($0)" } }
    }
    // Of a dataset, how many vectors there are; of a system that answers, how many answers.
    if !Self.loads.contains(where: { labels[$0] != nil }), let count = left.removeValue(forKey: "n") {
      left["vectors"] = count
    }
    let engine = take(["engine"]).first.flatMap { $0 == "ragmeter" || $0 == labels["index"] ? nil : $0 }
    index = ([engine].compactMap { $0 } + take(["index"])).joined(separator: " ")
    build = assignments(Self.sorted(left.keys.filter(Self.buildNames.contains)))
    search = assignments(Self.sorted(left.keys.filter(CaseLabels.searchNames.contains)))
    facts = Self.factNames.compactMap { name in
      left.removeValue(forKey: name).map { Part(title: name.replacing("_", with: " "), text: $0) }
    }
    var parts: [Part] = []
    for (title, names) in Self.known {
      var words = take([names[0]])
      if title == "chunker", let size = left.removeValue(forKey: "size") {
        words.append(([size] + take(["overlap"])).joined(separator: "/"))
      }
      if title == "generator" {
        // Ours goes without saying, where its model is named.
        let model = take(["model"])
        words = Self.distinct((model.isEmpty ? words : words.filter { $0 != "ragmeter" }) + model)
      } else if !words.isEmpty {
        words += assignments(Array(names.dropFirst()))
      }
      if !words.isEmpty { parts.append(Part(title: title, text: words.joined(separator: " "))) }
    }
    let rest = left.keys.filter { !Self.last.contains($0) }.sorted()
    for name in rest + Self.last {
      for value in take([name]) { parts.append(Part(title: name.replacing("_", with: " "), text: value)) }
    }
    self.parts = parts
  }

  private static func distinct(_ words: [String]) -> [String] {
    words.enumerated().filter { !words[..<$0.offset].contains($0.element) }.map(\.element)
  }

  private static func sorted(_ names: [String]) -> [String] {
    let known = CaseLabels.parameterOrder
    return names.sorted { a, b in
      let (x, y) = (known.firstIndex(of: a) ?? known.count, known.firstIndex(of: b) ?? known.count)
      return x == y ? a < b : x < y
    }
  }

  func text(_ title: String) -> String { parts.first { $0.title == title }?.text ?? "" }

  /// "users 4", "minilm": as it stands among others.
  static func named(_ title: String, _ text: String) -> String { bare.contains(title) ? text : "\(title) \(text)" }

  /// "users=4" as a number of its kind; loads that are not stated are 0.
  var load: (kind: Int, amount: Double) {
    for (kind, name) in Self.loads.enumerated() {
      if let amount = Double(text(name)) { return (kind, amount) }
    }
    return (0, 0)
  }

  /// "users 4"; empty where none is stated.
  var loadName: String {
    Self.loads.first { !text($0).isEmpty }.map { Self.named($0, text($0)) } ?? ""
  }

  /// Whether another's system did it all: it has no parts to tell.
  var isForeign: Bool { index.isEmpty }

  var isExact: Bool { IndexFamily(engine: "", index: index) == .exact }
}
