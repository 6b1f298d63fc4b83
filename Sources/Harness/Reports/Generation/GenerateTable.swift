import RunStore

/// Policies under one another for each n: how fast, compared with the older ones, and where it comes from.
struct GenerateTable {
  private struct Column {
    var name: String
    var title: String
    var priority: Int

    /// Whether the best is marked: what explains a throughput is no aim of its own.
    var isJudged: Bool { name.hasSuffix("_per_second") || ["kv_waste", "private_bytes"].contains(name) }
  }

  /// After the throughput and its ratios, in the order a reader looks for them.
  private static let columns = [
    Column(name: "mean_batch", title: "batch", priority: 1),
    Column(name: "kv_utilization", title: "KV used", priority: 2),
    Column(name: "kv_waste", title: "waste", priority: 1),
    Column(name: "kv_waste_reserved", title: "reserved", priority: 5),
    Column(name: "kv_waste_internal", title: "internal", priority: 5),
    Column(name: "kv_waste_external", title: "external", priority: 5),
    Column(name: "kv_shared_fraction", title: "shared", priority: 3),
    Column(name: "kv_saved_by_sharing", title: "saved", priority: 2),
    Column(name: "kv_saved_by_sharing_analytic", title: "saved, analytic", priority: 6),
    Column(name: "copies", title: "copies", priority: 5),
    Column(name: "preemptions", title: "preempted", priority: 4),
    Column(name: "cached_prompt_tokens", title: "prefix hits", priority: 7),
    Column(name: "padding_ratio", title: "padding", priority: 5),
    Column(name: "peak_kv_bytes", title: "peak KV", priority: 6),
    Column(name: "requests_per_second", title: "requests/s", priority: 3),
    Column(name: "prefill_tokens_per_second", title: "prefill tokens/s", priority: 4),
    Column(name: "decode_tokens_per_second", title: "decode tokens/s", priority: 4),
    Column(name: "private_bytes", title: "private memory", priority: 7),
    Column(name: "load_seconds", title: "load", priority: 8),
    Column(name: "pass_seconds", title: "pass", priority: 8),
    Column(name: "simulation_speedup", title: "÷ real time", priority: 8),
  ]

  private static let shares: Set = [
    "kv_utilization", "kv_waste", "kv_waste_reserved", "kv_waste_internal", "kv_waste_external", "kv_shared_fraction",
    "kv_saved_by_sharing", "kv_saved_by_sharing_analytic",
  ]

  /// - Parameter sheet: of one set of requests.
  static func of(_ sheet: GenerateRow.Sheet, dataset: String) -> Table {
    let rows = sheet.rows
    let machine = sheet.group.isSimulated ? " · simulated \(sheet.group.device)" : ""
    var table = Table(
      title: "generate · \(dataset) · \(sheet.group.model)\(machine)", caption: caption(sheet), columns: [])
    let manySequences = Set(rows.map(\.sequences).filter { !$0.isEmpty }).count > 1
    table.columns = [Table.Column("n", alignment: .right)]
    if manySequences { table.columns.append(Table.Column("max_num_seqs", alignment: .right)) }
    table.columns += [
      Table.Column(rows.allSatisfy(\.isOwn) ? "policy" : "engine"),
      Table.Column("output tokens/s", alignment: .right, unit: "1/s", better: .higher),
      Table.Column("±95%", alignment: .right, unit: "%", priority: 3),
      Table.Column("÷ static", alignment: .right, unit: "×", priority: 1),
      Table.Column("÷ continuous", alignment: .right, unit: "×", priority: 1),
    ]
    let outcome = manySequences ? 3 : 2
    for column in columns {
      let example = rows.lazy.compactMap { $0.record.metrics[column.name] }.first
      table.columns.append(
        Table.Column(
          column.title, alignment: .right, unit: example?.unit ?? "",
          better: column.isJudged ? example?.better ?? .none : .none,
          priority: column.priority))
    }
    var group = 0
    for (place, row) in rows.enumerated() {
      if place > 0, rows[place - 1].n != row.n { group += 1 }
      var cells = [Table.Cell("\(row.n)")]
      if manySequences { cells.append(Table.Cell(row.sequences)) }
      cells.append(Table.Cell(row.name))
      cells += speed(row, among: rows.filter { $0.isComparable(with: row) }, &table)
      cells += columns.map { cell(row, $0.name, &table) }
      if let failure = row.record.failure {
        let sentence = failure.split(whereSeparator: \.isNewline).joined(separator: " ")
        cells[outcome] = Table.Cell("failed", note: table.footnote(sentence))
      }
      table.rows.append(Table.Row(cells, isFailure: row.record.failure != nil, group: group))
    }
    table.dropColumns(holdingOnly: "")
    table.markBest()
    return table
  }

  /// "64 requests · prompts of 158 tokens · outputs of 331 tokens · threads 2 · kv_memory 24MiB".
  private static func caption(_ sheet: GenerateRow.Sheet) -> String {
    var facts: [String] = []
    if let requests = sheet.label("requests").flatMap(Double.init) {
      facts.append("\(HumanNumber.grouped(requests)) requests")
      let known = sheet.rows.first { $0.value("prompt_tokens") != nil }
      if let known, let prompt = known.value("prompt_tokens"), let output = known.value("output_tokens") {
        facts.append("prompts of \(HumanNumber.grouped(prompt / requests)) tokens")
        facts.append("outputs of \(HumanNumber.grouped(output / requests / Double(known.n))) tokens")
      }
    }
    for name in ["threads", "max_num_seqs", "kv_memory", "max_tokens"] {
      let values = Set(sheet.rows.compactMap { $0.record.labels[name] })
      if values.count == 1, let value = values.first { facts.append("\(name) \(value)") }
    }
    return facts.joined(separator: " · ")
  }

  /// Output tokens a second, their interval, and the ratios to the fastest static and continuous rows beside it.
  private static func speed(_ row: GenerateRow, among rows: [GenerateRow], _ table: inout Table) -> [Table.Cell] {
    var interval = Table.Cell.empty
    if let bounds = row.record.metrics["output_tokens_per_second"]?.ci95, bounds.count == 2, let rate = row.rate {
      interval = .number((bounds[1] - bounds[0]) / 2 / rate * 100, unit: "%")
    }
    let ratios = ["static", "continuous"].map { policy -> Table.Cell in
      guard let rate = row.rate, let fastest = rows.filter({ $0.policy == policy }).compactMap(\.rate).max(),
        fastest > 0
      else { return .empty }
      return .number(rate / fastest, unit: "×")
    }
    return [cell(row, "output_tokens_per_second", &table), interval] + ratios
  }

  private static func cell(_ row: GenerateRow, _ name: String, _ table: inout Table) -> Table.Cell {
    guard let metric = row.record.metrics[name] else { return .empty }
    guard let value = metric.value else {
      return Table.Cell("–", note: metric.reason.map { table.footnote($0) })
    }
    return shares.contains(name) ? .number(value * 100, unit: "%") : .number(value, unit: metric.unit)
  }
}

extension GenerateRow {
  /// With as many outputs and, where both say, as many sequences at once.
  func isComparable(with other: Self) -> Bool {
    n == other.n && (sequences == other.sequences || sequences.isEmpty || other.sequences.isEmpty)
  }
}
