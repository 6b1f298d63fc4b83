/// Own embedders against each peer of the same precision, and the fastest of ours against the fastest of any: on the same
/// texts, the same model and as many threads, each at its best batch.
struct EmbedRatioTable {
  private var table: Table
  private let cutting: Bool
  private let embedders: Bool

  /// - Parameter cases: embed cases of one dataset. `nil` unless there are own embedders and peers among them.
  static func of(_ cases: [LabeledCase], dataset: String) -> Table? {
    let groups = EmbedRow.best(of: cases)
    var builder = EmbedRatioTable(groups.map(\.group), texts: cases.first?.labels.data ?? [], dataset: dataset)
    for (number, group) in groups.enumerated() { builder.append(group.rows, number: number) }
    return builder.table.rows.isEmpty ? nil : builder.table
  }

  private init(_ groups: [EmbedRow.Group], texts: [CaseLabels.Parameter], dataset: String) {
    cutting = Set(groups.map(\.cutting)).count > 1
    embedders = Set(groups.map(\.embedder)).count > 1
    var facts = texts.map { "\($0.name) \($0.value)" }
    if !cutting, let word = groups.first?.cutting, !word.isEmpty { facts.append(word) }
    if !embedders, let word = groups.first?.embedder { facts.append(word) }
    table = Table(
      title: "ratios · embedding · \(dataset)",
      caption: (facts + ["ours ÷ peer, each at its best batch"]).joined(separator: " · "), columns: [])
    table.columns = [Table.Column("threads", alignment: .right)]
    if cutting { table.columns.append(Table.Column("texts")) }
    if embedders { table.columns.append(Table.Column("embedder")) }
    table.columns += [
      Table.Column("peer"), Table.Column("ours"),
      Table.Column("tokens/s", alignment: .right, unit: "×"),
      Table.Column("with tokenizing", alignment: .right, unit: "×", priority: 1),
      Table.Column("ours tokens/s", alignment: .right, unit: "1/s", priority: 3),
      Table.Column("peer tokens/s", alignment: .right, unit: "1/s", priority: 3),
      Table.Column("our cosine mean", alignment: .right, unit: "ratio", priority: 1),
      Table.Column("min", alignment: .right, unit: "ratio", priority: 1),
      Table.Column("peer cosine mean", alignment: .right, unit: "ratio", priority: 2),
      Table.Column("min", alignment: .right, unit: "ratio", priority: 2),
      Table.Column("our setting", priority: 4), Table.Column("peer's setting", priority: 4),
    ]
  }

  /// Rows are sorted, the fastest first.
  private mutating func append(_ rows: [EmbedRow], number: Int) {
    let own = rows.filter(\.mode.isOwn)
    let peers = rows.filter { !$0.mode.isOwn }
    guard let fastest = own.first, let fastestPeer = peers.first else { return }
    append(fastest, fastestPeer, peerName: "fastest: \(fastestPeer.mode.name)", number: number)
    for one in own {
      for peer in peers where peer.mode.precision == one.mode.precision {
        append(one, peer, peerName: peer.mode.name, number: number)
      }
    }
  }

  private mutating func append(_ ours: EmbedRow, _ peer: EmbedRow, peerName: String, number: Int) {
    var cells = [Table.Cell("\(ours.group.threads)", number: Double(ours.group.threads))]
    if cutting { cells.append(Table.Cell(ours.group.cutting)) }
    if embedders { cells.append(Table.Cell(ours.group.embedder)) }
    cells += [
      Table.Cell(peerName), Table.Cell(ours.mode.name),
      Self.ratio(ours.rate, peer.rate),
      Self.ratio(ours.value("texts_per_second_with_tokenizing"), peer.value("texts_per_second_with_tokenizing")),
      Self.cell(ours.rate, unit: "1/s"), Self.cell(peer.rate, unit: "1/s"),
      Self.cosine(ours.value("cosine_mean")), Self.cosine(ours.value("cosine_min")),
      Self.cosine(peer.value("cosine_mean")), Self.cosine(peer.value("cosine_min")),
      Table.Cell(ours.setting), Table.Cell(peer.setting),
    ]
    table.rows.append(Table.Row(cells, group: number))
  }

  private static func ratio(_ ours: Double?, _ theirs: Double?) -> Table.Cell {
    guard let ours, let theirs, theirs > 0 else { return Table.Cell("–") }
    return .number(ours / theirs, unit: "×")
  }

  private static func cell(_ value: Double?, unit: String) -> Table.Cell {
    value.map { .number($0, unit: unit) } ?? Table.Cell("–")
  }

  /// Five digits, the last rounded down: 0.99999 must not become a 1 that it is not.
  static func cosine(_ value: Double?) -> Table.Cell {
    guard let value else { return Table.Cell("–") }
    let text = String(Int((value * 1e5 + 1e-6).rounded(.down)))
    let digits = String(repeating: "0", count: max(0, 6 - text.count)) + text
    return Table.Cell("\(digits.dropLast(5)).\(digits.suffix(5))", number: value)
  }
}
