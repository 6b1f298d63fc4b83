import RunStore

/// A serve case, read as one server under one load.
struct ServeRow: Sendable {
  /// What kind of load it is, in the order of the tables.
  enum Family: String, Sendable, CaseIterable {
    case closed, open, ramp, trace, sweep

    var title: String {
      switch self {
      case .closed: "closed loop"
      case .open: "open loop"
      case .ramp: "ramps"
      case .trace: "traces"
      case .sweep: "highest rate within the service levels"
      }
    }
  }

  let record: CaseRecord
  let family: Family
  /// "concurrency=16".
  let load: String
  /// By which loads of a family are ordered: concurrency, or requests a second.
  let amount: Double
  /// What ids call it.
  let server: String
  let model: String
  /// "paged"; empty for a server that has not said.
  let policy: String
  /// What else our server was told: "max_num_seqs=64 threads=2".
  let setting: [CaseLabels.Parameter]
  /// Outputs of a prompt.
  let n: Int
  /// Whether each output was asked for by a request of its own.
  let isSplit: Bool
  /// "0.9"; empty where admissions never wait.
  let ceiling: String

  init(_ record: CaseRecord) {
    let labels = record.labels
    self.record = record
    load = labels["load"] ?? ""
    family =
      labels["concurrency"] != nil
      ? .closed : Family(rawValue: String(load.prefix { $0 != "=" })) ?? .open
    amount = (labels["concurrency"] ?? labels["rate"]).flatMap { Double($0) } ?? 0
    server = labels["engine"] ?? ""
    model = labels["model"] ?? ""
    policy = labels["kv_policy"] ?? ""
    setting = labels.filter { !Self.told.contains($0.key) }.sorted { $0.key < $1.key }
      .map { CaseLabels.Parameter(name: $0.key, value: $0.value) }
    n = Int(labels["n"] ?? "") ?? 1
    isSplit = labels["outputs_as"] == "requests"
    ceiling = labels["kv_ceiling"] ?? ""
  }

  /// Labels that are not what a server was told.
  private static let told: Set = [
    "dataset", "engine", "model", "kv_policy", "n", "outputs_as", "kv_ceiling", "load", "concurrency", "rate",
    "arrivals", "trace", "slo", "endpoint", "requests",
  ]

  private static let policies = ["static", "continuous", "paged"]

  func value(_ name: String) -> Double? { record.metrics[name]?.value }

  var rate: Double? { value("output_tokens_per_second") }

  /// Requests a second of an open loop that really came: those of a short Poisson process differ from its rate by what would look
  /// like a server that cannot keep up.
  var arrivals: Double { value("arrivals_per_second") ?? amount }

  /// As many outputs of the same load: what servers are compared under.
  struct Condition: Hashable {
    var load: String
    var n: Int
  }

  var condition: Condition { Condition(load: load, n: n) }

  /// Whether each prompt is one request that is sent as soon as it comes.
  var isPlain: Bool { !isSplit && ceiling.isEmpty }

  /// In the order in which they are read: loads by their amount, n by n, policies from the oldest to the newest.
  static func sorted(_ cases: [LabeledCase]) -> [ServeRow] {
    func key(_ row: ServeRow) -> [String] {
      [
        "\(Family.allCases.firstIndex(of: row.family) ?? 0)", "\(row.amount)", row.load, "\(row.n)",
        row.isSplit ? "1" : "0", row.ceiling, row.server == "ragmeter" ? "0" : "1", row.server,
        "\(policies.firstIndex(of: row.policy) ?? policies.count)", row.settingText, row.model,
      ]
    }
    func precedes(_ a: [String], _ b: [String]) -> Bool {
      for (p, q) in zip(a, b) where p != q {
        if let m = Double(p), let n = Double(q), m != n { return m < n }
        return p < q
      }
      return false
    }
    return cases.map { ServeRow($0.record) }.map { ($0, key($0)) }.sorted { precedes($0.1, $1.1) }.map(\.0)
  }

  var settingText: String { setting.map(\.text).joined(separator: " ") }
}

/// Names that tell rows apart, and no more than that.
struct ServeNames {
  private let hasServers: Bool
  private let hasModels: Bool
  private let shared: Set<CaseLabels.Parameter>
  /// "ragmeter · smollm2-135m · kv_memory 64MiB · threads 2": what is the same in all rows.
  let caption: String

  init(_ rows: [ServeRow]) {
    let servers = Set(rows.map(\.server))
    let models = Set(rows.map(\.model))
    hasServers = servers.count > 1
    hasModels = models.count > 1
    // Others are not told what ours is.
    let told = rows.filter { !$0.setting.isEmpty }
    shared = told.dropFirst().reduce(Set(told.first?.setting ?? [])) { $0.intersection($1.setting) }
    var facts: [String] = []
    if let server = servers.first, servers.count == 1 { facts.append(server) }
    if let model = models.first, models.count == 1, !model.isEmpty { facts.append(model) }
    facts += (told.first?.setting ?? []).filter(shared.contains).map { "\($0.name) \($0.value)" }
    for name in ["slo", "endpoint", "requests"] {
      let values = Set(rows.map { $0.record.labels[name] ?? "" })
      if values.count == 1, let value = values.first, !value.isEmpty { facts.append("\(name) \(value)") }
    }
    caption = facts.joined(separator: " · ")
  }

  /// "paged", "paged threads=2", "vllm", "paged, kv_ceiling 0.9", "paged, n requests": never empty.
  func name(_ row: ServeRow) -> String {
    var words: [String] = []
    if hasServers || row.policy.isEmpty { words.append(row.server) }
    if hasModels { words.append(row.model) }
    if !row.policy.isEmpty { words.append(row.policy) }
    words += row.setting.filter { !shared.contains($0) }.map(\.text)
    var name = words.joined(separator: " ")
    if !row.ceiling.isEmpty { name += ", ceiling \(row.ceiling)" }
    if row.isSplit { name += ", n requests" }
    return name
  }
}
