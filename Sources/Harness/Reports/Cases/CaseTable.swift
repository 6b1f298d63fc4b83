import RunStore
import Statistics

/// The table of one workload on one dataset: a row a case, a column for each label that varies and for each metric.
struct CaseTable {
  private let cases: [LabeledCase]
  private let labels: LabelColumns
  private let metrics: [MetricColumn]
  /// The rates whose interval stands beside them.
  private let withInterval: Set<String>
  private var table: Table

  private static let overhead = "harness_overhead"

  /// - Parameter cases: of one dataset and workload, sorted.
  static func of(_ cases: [LabeledCase], workload: String, dataset: String) -> Table {
    var builder = CaseTable(cases, title: [workload, dataset].filter { !$0.isEmpty }.joined(separator: " · "))
    builder.fill()
    return builder.table
  }

  private init(_ cases: [LabeledCase], title: String) {
    self.cases = cases
    labels = LabelColumns(cases.map(\.labels))
    metrics = MetricColumn.of(cases).filter { $0.name != Self.overhead }
    withInterval = Set(
      ["qps", "chunk_rate", "tokens_per_second"].filter { name in
        cases.contains { $0.record.metrics[name]?.ci95?.count == 2 }
      })
    // Beside every result and not in a column that a narrow terminal leaves out.
    let costs = cases.compactMap { $0.metric(Self.overhead) }.max().map {
      "the harness adds at most \(HumanNumber.text($0, unit: "s")) to a query"
    }
    let caption = [labels.caption, costs ?? ""].filter { !$0.isEmpty }.joined(separator: " · ")
    table = Table(title: title, caption: caption, columns: labels.columns)
  }

  private mutating func fill() {
    for metric in metrics {
      let example = cases.lazy.compactMap { $0.record.metrics[metric.name] }.first
      table.columns.append(
        Table.Column(
          metric.title, alignment: .right, unit: example?.unit ?? "", better: example?.better ?? .none,
          priority: metric.priority))
      if withInterval.contains(metric.name) {
        table.columns.append(Table.Column("±95%", alignment: .right, unit: "%", priority: 3))
      }
    }
    if metrics.isEmpty { table.columns.append(Table.Column("outcome")) }

    let front = paretoOptimal
    var group = 0
    for (position, item) in cases.enumerated() {
      if position > 0, cases[position - 1].labels.conditions != item.labels.conditions { group += 1 }
      var cells = labels.cells(item.labels)
      let outcome = cells.count
      for metric in metrics { cells += self.cells(metric, of: item) }
      if metrics.isEmpty { cells.append(.empty) }
      if let failure = item.record.failure {
        cells[outcome] = Table.Cell("failed", note: table.footnote(Self.oneLine(failure)))
      }
      table.rows.append(
        Table.Row(
          cells, isPareto: front.contains(position), isFailure: item.record.failure != nil, group: group))
    }
    table.markBest()
  }

  private mutating func cells(_ metric: MetricColumn, of item: LabeledCase) -> [Table.Cell] {
    let value = item.record.metrics[metric.name]
    var cell = Table.Cell.empty
    if let value, let number = value.value {
      cell = metric.name.hasPrefix("cosine_") ? EmbedRatioTable.cosine(number) : .number(number, unit: value.unit)
    } else if let value {
      cell = Table.Cell("–", note: value.reason.map { table.footnote(Self.oneLine($0)) })
    }
    guard withInterval.contains(metric.name) else { return [cell] }
    guard let number = cell.number, number > 0, let interval = value?.ci95, interval.count == 2 else {
      return [cell, .empty]
    }
    return [cell, .number((interval[1] - interval[0]) / 2 / number * 100, unit: "%")]
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// Positions of the cases that no other under the same conditions beats in both recall and QPS.
  private var paretoOptimal: Set<Int> {
    let eligible = cases.indices.filter {
      cases[$0].recall != nil && cases[$0].metric("qps") != nil && !cases[$0].labels.isNullIndex
    }
    let groups = Dictionary(grouping: eligible) { cases[$0].labels.conditions }
    return Set(
      groups.values.flatMap { members in
        ParetoFront(
          x: members.map { cases[$0].recall ?? .nan }, y: members.map { cases[$0].metric("qps") ?? .nan },
          better: .higher
        ).points.map { members[$0.index] }
      })
  }
}
