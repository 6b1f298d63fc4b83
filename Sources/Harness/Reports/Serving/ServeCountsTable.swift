import RunStore

/// What became of every request, where not all is well: completed + failed + cancelled = scheduled.
enum ServeCountsTable {
  private static let columns = [
    ("scheduled", "scheduled"), ("completed", "completed"), ("failed", "failed"), ("timed_out", "of these timed out"),
    ("cancelled", "cancelled"), ("late", "sent late"), ("dropped", "never sent"), ("retried", "retried"),
  ]
  private static let bad = ["failed", "cancelled", "late", "dropped", "retried"]

  /// - Returns: `nil` where every request was sent in time and completed at once.
  static func of(_ cases: [LabeledCase], dataset: String) -> Table? {
    let rows = ServeRow.sorted(cases)
    let names = ServeNames(rows)
    let members = rows.filter { row in bad.contains { (row.value($0) ?? 0) > 0 } }
    guard !members.isEmpty else { return nil }
    var table = Table(
      title: "serve · \(dataset) · what became of the requests",
      caption: members.count < rows.count ? "of the \(rows.count - members.count) other cases all completed" : "",
      columns: [Table.Column("load"), Table.Column("n", alignment: .right), Table.Column("server")]
        + columns.map { Table.Column($0.1, alignment: .right, unit: "1") } + [Table.Column("why")])
    for row in members {
      let cells = columns.map { name, _ in
        row.value(name).map { Table.Cell(HumanNumber.grouped($0), number: $0) } ?? .empty
      }
      let why = row.record.metrics["failed"]?.reason ?? ""
      table.rows.append(
        Table.Row(
          [Table.Cell(row.load), Table.Cell("\(row.n)"), Table.Cell(names.name(row))] + cells + [Table.Cell(why)])
      )
    }
    table.dropColumns(holdingOnly: "")
    table.dropColumns(holdingOnly: "0")
    return table
  }
}
