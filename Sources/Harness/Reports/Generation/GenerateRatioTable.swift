import RunStore

/// The engine of the stack against each peer: the same requests, the same model and as many threads, each at its best setting.
enum GenerateRatioTable {
  /// - Parameter cases: generate cases of one set of requests. `nil` unless there are own rows and peers among them.
  static func of(_ cases: [LabeledCase], dataset: String) -> Table? {
    let sheets = GenerateRow.sheets(cases).filter { !$0.group.isSimulated }
    var table = Table(
      title: "ratios · generate · \(dataset)", caption: "ours ÷ peer, each at its best setting",
      columns: [
        Table.Column("model"), Table.Column("threads", alignment: .right), Table.Column("n", alignment: .right),
        Table.Column("peer"), Table.Column("ours"), Table.Column("output tokens/s", alignment: .right, unit: "×"),
        Table.Column("prefill", alignment: .right, unit: "×", priority: 1),
        Table.Column("decode", alignment: .right, unit: "×", priority: 1),
        Table.Column("our output tokens/s", alignment: .right, unit: "1/s", priority: 3),
        Table.Column("peer's", alignment: .right, unit: "1/s", priority: 3),
        Table.Column("our prefill tokens/s", alignment: .right, unit: "1/s", priority: 4),
        Table.Column("peer's", alignment: .right, unit: "1/s", priority: 4),
        Table.Column("our decode tokens/s", alignment: .right, unit: "1/s", priority: 4),
        Table.Column("peer's", alignment: .right, unit: "1/s", priority: 4),
      ])
    var number = 0
    for sheet in sheets {
      let measured = sheet.rows.filter { $0.rate != nil }
      for n in Set(measured.map(\.n)).sorted() {
        let members = measured.filter { $0.n == n }
        guard let ours = best(members.filter(\.isOwn)) else { continue }
        for peer in peers(members) { table.rows.append(Table.Row(cells(ours, peer), group: number)) }
        number += 1
      }
    }
    guard !table.rows.isEmpty else { return nil }
    table.dropColumns(holdingOnly: "–")
    return table
  }

  private static func best(_ rows: [GenerateRow]) -> GenerateRow? { rows.max { ($0.rate ?? 0) < ($1.rate ?? 0) } }

  /// Of each peer the best of each setting that changes its weights, the fastest first.
  private static func peers(_ rows: [GenerateRow]) -> [GenerateRow] {
    let others = rows.filter { !$0.isOwn }
    let groups = Dictionary(grouping: others) { "\($0.engine) \($0.record.labels["quantization"] ?? "")" }
    return groups.values.compactMap(best).sorted { ($0.rate ?? 0, $1.name) > ($1.rate ?? 0, $0.name) }
  }

  private static func cells(_ ours: GenerateRow, _ peer: GenerateRow) -> [Table.Cell] {
    func ratio(_ name: String) -> Table.Cell {
      guard let own = ours.value(name), let other = peer.value(name), other > 0 else { return Table.Cell("–") }
      return .number(own / other, unit: "×")
    }
    func rate(_ row: GenerateRow, _ name: String) -> Table.Cell {
      row.value(name).map { .number($0, unit: "1/s") } ?? Table.Cell("–")
    }
    let names = ["output_tokens_per_second", "prefill_tokens_per_second", "decode_tokens_per_second"]
    return [
      Table.Cell(ours.group.model), Table.Cell(ours.group.threads), Table.Cell("\(ours.n)"),
      Table.Cell(peer.name), Table.Cell(ours.name),
    ] + names.map(ratio) + names.flatMap { [rate(ours, $0), rate(peer, $0)] }
  }
}
