import Foundation
import RunStore

/// A case's labels, sorted by what they say: where it ran, what was built, how it was asked.
struct CaseLabels: Sendable, Hashable {
  struct Parameter: Sendable, Hashable {
    var name: String
    var value: String
    var text: String { "\(name)=\(value)" }
  }

  var workload: String
  var dataset: String
  var engine: String
  var index: String
  /// The stages of a text's way to its vectors, where the case has them: chunker, size, overlap, embedder, ….
  var stages: [Parameter] = []
  /// Parameters of the build, of the search, and the conditions of the measurement, each in the order they are read.
  var build: [Parameter] = []
  var search: [Parameter] = []
  var conditions: [Parameter] = []
  /// What the data are: `n`, `dimension`, `metric`.
  var data: [Parameter] = []

  /// The null index only measures what the harness itself costs.
  var isNullIndex: Bool { index == "null" }

  /// What was built, without how it was asked.
  var identity: CaseLabels {
    var labels = self
    labels.workload = ""
    labels.conditions = []
    labels.search = []
    return labels
  }

  func condition(_ name: String) -> String? { conditions.first { $0.name == name }?.value }

  func stage(_ name: String) -> String? { stages.first { $0.name == name }?.value }

  /// Names that mean a stage in a case that has a chunker or an embedder, and a parameter of the index elsewhere.
  static let stageOrder = ["chunker", "size", "overlap", "separator", "tokenizer", "embedder", "precision"]

  static let conditionOrder = [
    "k", "threads", "mode", "filter", "selectivity", "concurrency", "rate", "phase", "batch",
  ]
  static let dataOrder = ["n", "documents", "texts", "bytes", "questions", "dimension", "metric", "queries"]
  static let parameterOrder = ["m", "M", "ef_construction", "efConstruction", "nlist", "nprobe", "ef", "efSearch"]
  /// Search parameters of the engines known here; others are told from the case's id and from the insert cases.
  static let searchNames: Set = [
    "ef", "efSearch", "ef_search", "expansion_search", "k_factor", "k_factor_rf", "nprobe", "rerank",
    "search_buffer_capacity", "search_window_size",
  ]
}

extension CaseLabels {
  /// - Parameter built: names of the labels that insert cases of the same index carry, where there are some: what an
  ///   index was built with is no search parameter.
  init(_ record: CaseRecord, built: Set<String>?) {
    workload = record.workload
    // Sections that ask different things of one corpus are no rows of one table.
    dataset = [record.labels["dataset"] ?? record.labels["corpus"], record.labels["section"]].compactMap { $0 }
      .joined(separator: " · ")
    engine = record.labels["engine"] ?? ""
    index = record.labels["index"] ?? ""
    // An id ends with what varies fastest: "…/m=16,ef_construction=200/ef=40".
    let tail = "," + (record.id.split(separator: "/").last ?? "") + ","
    let hasStages = record.labels["chunker"] != nil || record.labels["embedder"] != nil
    for (name, value) in record.labels where !["dataset", "section", "engine", "index", "workload"].contains(name) {
      // faiss's factory string is the name of its index.
      if name == "factory", value == index { continue }
      let parameter = Parameter(name: name, value: value)
      if hasStages, Self.stageOrder.contains(name) {
        stages.append(parameter)
      } else if Self.conditionOrder.contains(name) {
        conditions.append(parameter)
      } else if Self.dataOrder.contains(name) {
        data.append(parameter)
      } else if record.workload == "insert" || name == "build_threads" || built?.contains(name) == true {
        build.append(parameter)
      } else if built != nil || Self.searchNames.contains(name) || tail.contains(",\(parameter.text),") {
        search.append(parameter)
      } else {
        build.append(parameter)
      }
    }
    stages.sort(by: Self.order(Self.stageOrder))
    conditions.sort(by: Self.order(Self.conditionOrder))
    data.sort(by: Self.order(Self.dataOrder))
    build.sort(by: Self.order(Self.parameterOrder))
    search.sort(by: Self.order(Self.parameterOrder))
  }

  private static func order(_ known: [String]) -> (Parameter, Parameter) -> Bool {
    { a, b in
      let (x, y) = (known.firstIndex(of: a.name) ?? known.count, known.firstIndex(of: b.name) ?? known.count)
      return x == y ? a.name < b.name : x < y
    }
  }

  /// Rows that belong together stand together: by conditions, own engine first, then index and parameters as numbers.
  static func precedes(_ a: CaseLabels, _ b: CaseLabels) -> Bool {
    let x = a.sortKey
    let y = b.sortKey
    for (p, q) in zip(x, y) where p != q {
      if let m = Double(p), let n = Double(q), m != n { return m < n }
      return p.compare(q, options: .numeric) == .orderedAscending
    }
    return x.count < y.count
  }

  private var sortKey: [String] {
    let ownFirst = engine == "ragmeter" ? "0" : "1"
    let asked = conditions.map { $0.value == "single" ? "" : $0.value }
    let builtAs = build.map(\.text).joined(separator: ",")
    let passed = Self.stageOrder.map { stage($0) ?? "" }
    return [dataset, workload] + asked + passed + [ownFirst, engine, index, builtAs] + search.map(\.value)
  }
}

extension Array where Element == CaseLabels.Parameter {
  func value(_ name: String) -> String? { first { $0.name == name }?.value }
}
