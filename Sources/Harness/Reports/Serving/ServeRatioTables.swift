import RunStore

/// What is set against each other under the same load: policies of KV memory, and one request with n outputs against n requests.
enum ServeRatioTables {
  static func of(_ cases: [LabeledCase], dataset: String) -> [Table] {
    let rows = ServeRow.sorted(cases).filter { $0.rate != nil }
    return [policies(rows, dataset), splits(rows, dataset)].compactMap { $0 }
  }

  // MARK: Policies

  /// The form of the figure in vLLM's post of 2023: throughput of each way to serve, for each number of outputs.
  private static func policies(_ rows: [ServeRow], _ dataset: String) -> Table? {
    let members = rows.filter { $0.isPlain && !$0.policy.isEmpty }
    let known = ["static", "continuous", "paged"].filter { policy in members.contains { $0.policy == policy } }
    guard known.count > 1, known.contains("paged") else { return nil }
    var table = Table(
      title: "ratios · serve · \(dataset) · policies", caption: "output tokens/s, each policy at its best setting",
      columns: [Table.Column("load"), Table.Column("n", alignment: .right)]
        + known.map { Table.Column($0, alignment: .right, unit: "1/s") }
        + known.dropLast().map { Table.Column("paged ÷ \($0)", alignment: .right, unit: "×") }
        + known.dropLast().map { Table.Column("TTFT p50 ÷ \($0)", alignment: .right, unit: "×", priority: 2) })
    var conditions: [ServeRow.Condition] = []
    for row in members where !conditions.contains(row.condition) { conditions.append(row.condition) }
    for condition in conditions {
      let best = known.map { policy in
        members.filter { $0.condition == condition && $0.policy == policy }.max { ($0.rate ?? 0) < ($1.rate ?? 0) }
      }
      guard let paged = best.last ?? nil, best.compactMap({ $0 }).count > 1 else { continue }
      func ratio(_ value: (ServeRow) -> Double?) -> [Table.Cell] {
        best.dropLast().map { other in
          guard let other, let own = value(paged), let theirs = value(other), theirs > 0 else { return .empty }
          return .number(own / theirs, unit: "×")
        }
      }
      let rates = best.map { row in (row?.rate).map { Table.Cell.number($0, unit: "1/s") } ?? .empty }
      table.rows.append(
        Table.Row(
          [Table.Cell(condition.load), Table.Cell("\(condition.n)")] + rates + ratio(\.rate)
            + ratio { $0.value("ttft_p50") }))
    }
    guard !table.rows.isEmpty else { return nil }
    table.dropColumns(holdingOnly: "")
    return table
  }

  // MARK: One request, or n

  private static func splits(_ rows: [ServeRow], _ dataset: String) -> Table? {
    let names = ServeNames(rows)
    var table = Table(
      title: "ratios · serve · \(dataset) · one request with n outputs ÷ n requests", caption: names.caption,
      columns: [
        Table.Column("load"), Table.Column("n", alignment: .right), Table.Column("server"),
        Table.Column("output tokens/s", alignment: .right, unit: "×"),
        Table.Column("TTFT p50", alignment: .right, unit: "×"),
        Table.Column("TTFT p99", alignment: .right, unit: "×", priority: 2),
        Table.Column("E2E p50", alignment: .right, unit: "×"),
        Table.Column("E2E p99", alignment: .right, unit: "×", priority: 2),
        Table.Column("KV used", alignment: .right, unit: "×", priority: 1),
        Table.Column("one request, tokens/s", alignment: .right, unit: "1/s", priority: 3),
        Table.Column("n requests, tokens/s", alignment: .right, unit: "1/s", priority: 3),
      ])
    for one in rows where !one.isSplit && one.n > 1 {
      let split = rows.first {
        $0.isSplit && $0.n == one.n && $0.load == one.load && $0.ceiling == one.ceiling && $0.server == one.server
          && $0.model == one.model && $0.policy == one.policy && $0.settingText == one.settingText
      }
      guard let split else { continue }
      let ratios = ["output_tokens_per_second", "ttft_p50", "ttft_p99", "e2e_p50", "e2e_p99", "kv_utilization"].map {
        name -> Table.Cell in
        guard let own = one.value(name), let other = split.value(name), other > 0 else { return .empty }
        return .number(own / other, unit: "×")
      }
      let rates = [one, split].map { row in row.rate.map { Table.Cell.number($0, unit: "1/s") } ?? .empty }
      table.rows.append(
        Table.Row([Table.Cell(one.load), Table.Cell("\(one.n)"), Table.Cell(names.name(one))] + ratios + rates))
    }
    guard !table.rows.isEmpty else { return nil }
    table.dropColumns(holdingOnly: "")
    return table
  }
}
