import RunStore

/// A table of whole systems: what tells them apart, and what was measured of them.
struct SystemTable {
  struct Column {
    /// Of the metric; a family such as "recall@" stands for all its ks, the largest first.
    var name: String
    var title: String
    var priority: Int
    /// A number between 0 and 1 that is read as a percentage.
    var isShare = false
    /// Whether its best value is worth a mark.
    var isJudged = true
    /// Of the column beside it with half the width of the interval; nil for none.
    var intervalPriority: Int?
    /// Whether a value that is the same in all rows goes to the caption.
    var isFact = false
  }

  var title: String
  /// Before what the labels have in common.
  var facts: [String] = []
  var columns: [Column]
  /// Titles of labels that are not shown.
  var hidden: Set<String> = []
  /// Titles of the first labels.
  var order = SystemColumns.order
  /// Whether the caption says what all rows have in common; one of several tables of the same rows is enough.
  var hasCaption = true
  /// Rows are compared with those of the same text alone.
  var group: (SystemRow) -> String = { _ in "" }

  /// Further columns, made of other rows: their headings, and the cells of each row.
  var added: (columns: [Table.Column], cells: (SystemRow) -> [Table.Cell]) = ([], { _ in [] })

  /// - Returns: `nil` without rows, and where none of the metrics was measured of any that did not fail.
  func of(_ rows: [SystemRow]) -> Table? {
    let columns = self.columns.flatMap { expanded($0, rows) }
    guard !columns.isEmpty || !added.columns.isEmpty || rows.contains(where: { $0.record.failure != nil }) else {
      return nil
    }
    let labels = SystemColumns(rows, hidden: hidden, order: order)
    let (missing, told) = untold(columns, rows)
    let (constant, shown) = parted(told, rows)
    let words = facts + (hasCaption ? [labels.caption] : []) + constant + missing
    var table = Table(
      title: title, caption: words.filter { !$0.isEmpty }.joined(separator: " · "), columns: labels.columns)
    // Where it stays, however narrow the terminal is.
    var outcome = table.columns.count
    var isPlaced = false
    for column in shown {
      if column.priority == 0, !isPlaced { (outcome, isPlaced) = (table.columns.count, true) }
      let example = rows.lazy.compactMap { $0.metric(column.name) }.first
      table.columns.append(
        Table.Column(
          column.title, alignment: .right, unit: example?.unit ?? "",
          better: column.isJudged ? example?.better ?? .none : .none, priority: column.priority))
      if let priority = column.intervalPriority {
        table.columns.append(Table.Column("±", alignment: .right, priority: priority))
      }
    }
    table.columns += added.columns
    if shown.isEmpty, added.columns.isEmpty { table.columns.append(Table.Column("outcome")) }
    // Where nothing is compared under the same conditions, nothing is the best.
    let isCompared = rows.count > 1 && zip(rows, rows.dropFirst()).contains { group($0) == group($1) }
    var number = 0
    for (place, row) in rows.enumerated() {
      if isCompared, place > 0, group(rows[place - 1]) != group(row) { number += 1 }
      var cells = labels.cells(row)
      for column in shown { cells += self.cells(column, row, &table) }
      cells += added.cells(row)
      while cells.count < table.columns.count { cells.append(.empty) }
      if let failure = row.record.failure {
        cells[outcome] = Table.Cell("failed", note: table.footnote(Self.oneLine(failure)))
      }
      table.rows.append(Table.Row(cells, isFailure: row.record.failure != nil, group: number))
    }
    table.dropColumns(holdingOnly: "")
    table.dropColumns(holdingOnly: "0")
    if isCompared { table.markBest() }
    return table
  }

  private func expanded(_ column: Column, _ rows: [SystemRow]) -> [Column] {
    guard column.name.hasSuffix("@") else {
      return rows.contains { $0.metric(column.name) != nil } ? [column] : []
    }
    // Where every row has a k of its own, one column holds them all.
    if let title = SystemRow.title(of: column.name, in: rows), title.hasSuffix("@k") {
      var one = column
      one.title += "k"
      return [one]
    }
    return SystemRow.cuts(of: column.name, in: rows).enumerated().map { place, k in
      var one = column
      (one.name, one.title) = ("\(column.name)\(k)", "\(column.title)\(k)")
      if place > 0 { (one.priority, one.intervalPriority) = (column.priority + 4, nil) }
      return one
    }
  }

  /// What no row has, and why, as words, and the other columns: one sentence for a column of dashes.
  private func untold(_ columns: [Column], _ rows: [SystemRow]) -> (words: [String], columns: [Column]) {
    var reasons: [(reason: String, names: [String])] = []
    let kept = columns.filter { column in
      let metrics = rows.compactMap { $0.metric(column.name) }
      guard let reason = metrics.first?.reason, metrics.allSatisfy({ $0.value == nil && $0.reason == reason }) else {
        return true
      }
      let name = column.name.split(separator: "_").joined(separator: " ")
      if let place = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[place].names.append(name)
      } else {
        reasons.append((reason, [name]))
      }
      return false
    }
    guard !kept.isEmpty else { return ([], columns) }
    return (reasons.map { "no \($0.names.joined(separator: ", ")): \(Self.oneLine($0.reason))" }, kept)
  }

  /// Facts that are the same in all rows as words, and the other columns.
  private func parted(_ columns: [Column], _ rows: [SystemRow]) -> (words: [String], columns: [Column]) {
    var words: [String] = []
    let measured = rows.filter { $0.record.failure == nil }
    let kept = columns.filter { column in
      guard column.isFact, measured.count > 1, let first = measured.first?.metric(column.name), first.value != nil,
        measured.allSatisfy({ $0.metric(column.name)?.value == first.value })
      else { return true }
      if first.value != 0 { words.append("\(column.title) \(Self.cell(first, column).text)") }
      return false
    }
    return (words, kept)
  }

  private func cells(_ column: Column, _ row: SystemRow, _ table: inout Table) -> [Table.Cell] {
    let metric = row.metric(column.name)
    var cell = Table.Cell.empty
    if let metric, metric.value != nil {
      cell = Self.cell(metric, column)
    } else if let metric {
      cell = Table.Cell("–", note: metric.reason.map { table.footnote(Self.oneLine($0)) })
    }
    guard column.intervalPriority != nil else { return [cell] }
    guard let bounds = metric?.ci95, bounds.count == 2 else { return [cell, .empty] }
    return [cell, Table.Cell(HumanNumber.text((bounds[1] - bounds[0]) / 2, unit: "ratio"))]
  }

  private static func cell(_ metric: MetricValue, _ column: Column) -> Table.Cell {
    let value = metric.value ?? .nan
    if column.isShare { return .number(value * 100, unit: "%") }
    // Whose money it is, the spec knows.
    return .number(value, unit: metric.unit == "money" ? "1" : metric.unit)
  }

  static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
