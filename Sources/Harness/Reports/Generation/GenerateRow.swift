import RunStore

/// A generate case, read as one way to answer the same requests.
struct GenerateRow: Sendable {
  /// What is compared: a model, on the same machine or the same imagined one, with as many threads.
  struct Group: Sendable, Hashable {
    var model: String
    /// Empty where the machine is the real one.
    var device: String
    var threads: String

    var isSimulated: Bool { !device.isEmpty }
  }

  let group: Group
  /// `max_num_seqs`; empty for peers, who have words of their own for it.
  let sequences: String
  let engine: String
  /// "paged"; empty for peers.
  let policy: String
  /// "sharing=false block_size=32"; of a peer what it was told by its own names.
  let setting: String
  /// Outputs of a request.
  let n: Int
  let record: CaseRecord

  init(_ record: CaseRecord) {
    let labels = record.labels
    group = Group(
      model: labels["model"] ?? "", device: labels["device"] ?? "", threads: labels["threads"] ?? "")
    sequences = labels["max_num_seqs"] ?? ""
    engine = labels["engine"] ?? ""
    policy = labels["policy"] ?? ""
    n = Int(labels["n"] ?? "") ?? 1
    let names = labels.keys.filter { !Self.told.contains($0) }
    setting = names.sorted(by: Self.precedes).map { "\($0)=\(labels[$0] ?? "")" }.joined(separator: " ")
    self.record = record
  }

  /// Labels that are not what an engine was told.
  private static let told: Set = [
    "dataset", "requests", "engine", "model", "device", "threads", "max_num_seqs", "policy", "n", "kv_memory",
    "max_tokens",
  ]

  private static let policyOrder = ["static", "continuous", "paged"]
  private static let settingOrder = ["reservation", "sharing", "prefix_cache", "block_size"]

  private static func precedes(_ a: String, _ b: String) -> Bool {
    let x = settingOrder.firstIndex(of: a) ?? settingOrder.count
    let y = settingOrder.firstIndex(of: b) ?? settingOrder.count
    return x == y ? a < b : x < y
  }

  var isOwn: Bool { engine == "ragmeter" || engine == "simulation" }

  /// "paged sharing=false", "vllm block_size=32".
  var name: String { [policy.isEmpty ? engine : policy, setting].filter { !$0.isEmpty }.joined(separator: " ") }

  func value(_ name: String) -> Double? { record.metrics[name]?.value }

  var rate: Double? { value("output_tokens_per_second") }

  /// A model on one machine with as many threads, and all that was measured of it.
  struct Sheet: Sendable {
    var group: Group
    var rows: [GenerateRow]

    /// What an engine was told that is the same for all of ours.
    func label(_ name: String) -> String? { rows.lazy.compactMap { $0.record.labels[name] }.first }
  }

  /// Sheets in the order in which they are read, the real machine's first; in each n by n, policies from the oldest to the
  /// newest, then peers.
  static func sheets(_ cases: [LabeledCase]) -> [Sheet] {
    func key(_ row: GenerateRow) -> [String] {
      let policy = policyOrder.firstIndex(of: row.policy) ?? policyOrder.count
      return [
        row.group.isSimulated ? "1" : "0", row.group.device, row.group.model, row.group.threads, "\(row.n)",
        "\(policy)", row.sequences, row.engine, row.setting,
      ]
    }
    func precedes(_ a: [String], _ b: [String]) -> Bool {
      for (p, q) in zip(a, b) where p != q {
        if let m = Double(p), let n = Double(q), m != n { return m < n }
        return p < q
      }
      return false
    }
    let rows = cases.map { GenerateRow($0.record) }.map { ($0, key($0)) }.sorted { precedes($0.1, $1.1) }.map(\.0)
    return rows.reduce(into: [Sheet]()) { sheets, row in
      if let last = sheets.last, last.group == row.group {
        sheets[sheets.count - 1].rows.append(row)
      } else {
        sheets.append(Sheet(group: row.group, rows: [row]))
      }
    }
  }
}
