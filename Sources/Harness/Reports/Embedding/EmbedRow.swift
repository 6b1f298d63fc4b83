import RunStore

/// An embed case, read as one of the ways to embed the same texts on the same threads.
struct EmbedRow: Sendable {
  /// What is compared: the same texts by the same model on as many threads.
  struct Group: Sendable, Hashable {
    /// "recursive size=512 overlap=51"; empty where documents are not cut.
    var cutting: String
    var embedder: String
    var threads: Int
  }

  /// An engine in one precision, however many texts it takes a call and whatever else was turned.
  struct Mode: Sendable, Hashable {
    var engine: String
    var precision: String

    var isOwn: Bool { engine == "ragmeter" }
    var name: String { "\(engine) \(precision)" }
  }

  let group: Group
  let mode: Mode
  let record: CaseRecord

  init(_ item: LabeledCase) {
    let labels = item.labels
    let cutting = labels.stages.filter { !["embedder", "precision"].contains($0.name) && $0.value != "whole" }
    group = Group(
      cutting: cutting.map { $0.name == "chunker" ? $0.value : $0.text }.joined(separator: " "),
      embedder: labels.stage("embedder") ?? "", threads: Int(labels.condition("threads") ?? "") ?? 1)
    // Where none is stated it is what models are kept in.
    mode = Mode(engine: labels.engine, precision: labels.stage("precision") ?? "f32")
    record = item.record
  }

  func value(_ name: String) -> Double? { record.metrics[name]?.value }

  /// What stands for speed: tokens a second, or texts where nobody counts tokens.
  var rate: Double? { value("tokens_per_second") ?? value("texts_per_second") }

  /// "batch 32", "batch 32 streams 2".
  var setting: String {
    let others = record.labels.filter { $0.key == "streams" }.map { "\($0.key) \($0.value)" }
    return (["batch \(record.labels["batch"] ?? "")"] + others).joined(separator: " ")
  }

  /// The fastest case of each mode in each group, groups in the order of the cases.
  static func best(of cases: [LabeledCase]) -> [(group: Group, rows: [EmbedRow])] {
    var groups: [(group: Group, rows: [EmbedRow])] = []
    for row in cases.map(EmbedRow.init) {
      guard let rate = row.rate else { continue }
      let place =
        groups.firstIndex { $0.group == row.group }
        ?? {
          groups.append((row.group, []))
          return groups.count - 1
        }()
      guard let known = groups[place].rows.firstIndex(where: { $0.mode == row.mode }) else {
        groups[place].rows.append(row)
        continue
      }
      if rate > groups[place].rows[known].rate ?? 0 { groups[place].rows[known] = row }
    }
    return groups.map { ($0.group, $0.rows.sorted { ($0.rate ?? 0) > ($1.rate ?? 0) }) }
  }
}
