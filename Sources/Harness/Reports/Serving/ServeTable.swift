import RunStore

/// Loads under one another, and under each the servers: what they sustained, how long it took, and whether it can be believed.
enum ServeTable {
  private struct Column {
    var name: String
    var title: String
    var priority: Int
  }

  /// Behind the throughput and its ratios, in the order a reader looks for them.
  private static let columns = [
    Column(name: "requests_per_second", title: "req/s", priority: 2),
    Column(name: "goodput", title: "goodput", priority: 1),
    Column(name: "ttft_p50", title: "TTFT p50", priority: 0),
    Column(name: "ttft_p99", title: "p99", priority: 1),
    Column(name: "itl_p50", title: "ITL p50", priority: 1),
    Column(name: "itl_p99", title: "p99", priority: 2),
    Column(name: "tpot_p50", title: "TPOT p50", priority: 3),
    Column(name: "tpot_p99", title: "p99", priority: 4),
    Column(name: "e2e_p50", title: "E2E p50", priority: 2),
    Column(name: "e2e_p95", title: "p95", priority: 6),
    Column(name: "e2e_p99", title: "p99", priority: 3),
    Column(name: "finish_skew_p50", title: "skew p50", priority: 4),
    Column(name: "finish_skew_p99", title: "p99", priority: 5),
    Column(name: "kv_utilization", title: "KV used", priority: 3),
    Column(name: "preemptions", title: "preempted", priority: 4),
    Column(name: "prefix_cache_hit_rate", title: "prefix hits", priority: 6),
    Column(name: "running", title: "running", priority: 7),
    Column(name: "waiting", title: "waiting", priority: 7),
    Column(name: "held_back_p99", title: "held back p99", priority: 7),
    Column(name: "tokens_per_chunk", title: "tokens/chunk", priority: 7),
    Column(name: "failed", title: "failed", priority: 5),
    Column(name: "schedule_lag_p99", title: "lag p99", priority: 5),
    Column(name: "client_cpu_share", title: "client CPU", priority: 6),
  ]

  private static let shares: Set = ["kv_utilization", "prefix_cache_hit_rate", "client_cpu_share"]
  /// What explains a load is no aim of its own.
  private static let unjudged: Set = [
    "failed", "running", "waiting", "preemptions", "held_back_p99", "client_cpu_share",
  ]

  /// A table for each kind of load.
  static func of(_ cases: [LabeledCase], dataset: String) -> [Table] {
    let rows = ServeRow.sorted(cases)
    return ServeRow.Family.allCases.compactMap { family in
      let members = rows.filter { $0.family == family }
      return members.isEmpty ? nil : table(members, family, dataset: dataset)
    }
  }

  private static func table(_ rows: [ServeRow], _ family: ServeRow.Family, dataset: String) -> Table {
    let names = ServeNames(rows)
    let loads = Set(rows.map(\.load))
    let hasPolicies = Set(rows.map(\.policy)).count > 1
    var facts = loads.count == 1 ? [loads.first ?? ""] : []
    facts.append(names.caption)
    var table = Table(
      title: "serve · \(dataset) · \(family.title)", caption: facts.filter { !$0.isEmpty }.joined(separator: " · "),
      columns: loads.count > 1 ? [Table.Column(family == .closed ? "concurrency" : "load", alignment: .right)] : [])
    table.columns += [Table.Column("n", alignment: .right), Table.Column(hasPolicies ? "policy" : "server")]
    if family == .sweep {
      table.columns.append(Table.Column("highest rate", alignment: .right, unit: "1/s", better: .higher))
    }
    let outcome = table.columns.count
    table.columns += [
      Table.Column("output tokens/s", alignment: .right, unit: "1/s", better: .higher),
      Table.Column("±95%", alignment: .right, unit: "%", priority: 5),
    ]
    if hasPolicies {
      table.columns += [
        Table.Column("÷ static", alignment: .right, unit: "×", priority: 3),
        Table.Column("÷ continuous", alignment: .right, unit: "×", priority: 3),
      ]
    }
    for column in columns {
      let example = rows.lazy.compactMap { $0.record.metrics[column.name] }.first
      table.columns.append(
        Table.Column(
          column.title, alignment: .right, unit: example?.unit ?? "",
          better: unjudged.contains(column.name) ? .none : example?.better ?? .none, priority: column.priority))
    }
    table.columns.append(Table.Column("verdict", priority: 2))
    // Where nothing is compared under the same load, nothing is the best.
    let isCompared = Set(rows.map(\.condition)).count < rows.count
    var group = 0
    for (place, row) in rows.enumerated() {
      if isCompared, place > 0, rows[place - 1].condition != row.condition { group += 1 }
      var cells: [Table.Cell] = []
      if loads.count > 1 {
        cells.append(Table.Cell(family == .closed ? HumanNumber.text(row.amount, unit: "1") : row.load))
      }
      cells += [Table.Cell("\(row.n)"), Table.Cell(names.name(row))]
      if family == .sweep { cells.append(cell(row, "sustained_rate", &table)) }
      cells += [cell(row, "output_tokens_per_second", &table), interval(row)]
      if hasPolicies { cells += ["static", "continuous"].map { ratio(row, to: $0, among: rows) } }
      cells += columns.map { cell(row, $0.name, &table) }
      cells.append(verdict(row, &table))
      if let failure = row.record.failure {
        cells[outcome] = Table.Cell("failed", note: table.footnote(oneLine(failure)))
      }
      table.rows.append(Table.Row(cells, isFailure: row.record.failure != nil, group: group))
    }
    table.dropColumns(holdingOnly: "")
    if isCompared { table.markBest() }
    return table
  }

  static func cell(_ row: ServeRow, _ name: String, _ table: inout Table) -> Table.Cell {
    guard let metric = row.record.metrics[name] else { return .empty }
    guard let value = metric.value else {
      return Table.Cell("–", note: metric.reason.map { table.footnote(oneLine($0)) })
    }
    return shares.contains(name) ? .number(value * 100, unit: "%") : .number(value, unit: metric.unit)
  }

  private static func interval(_ row: ServeRow) -> Table.Cell {
    guard let bounds = row.record.metrics["output_tokens_per_second"]?.ci95, bounds.count == 2, let rate = row.rate,
      rate > 0
    else { return .empty }
    return .number((bounds[1] - bounds[0]) / 2 / rate * 100, unit: "%")
  }

  /// To the fastest row of a policy under the same load with as many outputs.
  private static func ratio(_ row: ServeRow, to policy: String, among rows: [ServeRow]) -> Table.Cell {
    let others = rows.filter { $0.policy == policy && $0.condition == row.condition && $0.isPlain }
    guard let rate = row.rate, let fastest = others.compactMap(\.rate).max(), fastest > 0 else { return .empty }
    return .number(rate / fastest, unit: "×")
  }

  private static func verdict(_ row: ServeRow, _ table: inout Table) -> Table.Cell {
    guard let metric = row.record.metrics["valid"], let value = metric.value else { return .empty }
    return value == 1
      ? Table.Cell("valid") : Table.Cell("invalid", note: metric.reason.map { table.footnote(oneLine($0)) })
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
