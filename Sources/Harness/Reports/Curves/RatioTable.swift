/// Own indexes against each peer of the same family at equal recall; exact search by QPS alone.
struct RatioTable {
  private var table: Table
  private let levels: [Double?]
  /// One for each peer under each set of conditions.
  private var group = 0
  /// Conditions that differ between curves: columns.
  private let varying: [String]

  /// - Parameter curves: of one dataset and family. `nil` unless there are own indexes and peers among them.
  static func of(_ curves: [SearchCurve], family: IndexFamily, dataset: String) -> Table? {
    guard curves.contains(where: \.isOwn), curves.contains(where: { !$0.isOwn }) else { return nil }
    var builder = RatioTable(curves, family: family, dataset: dataset)
    builder.fill(curves)
    return builder.table.rows.isEmpty ? nil : builder.table
  }

  private init(_ curves: [SearchCurve], family: IndexFamily, dataset: String) {
    levels = family == .exact ? [nil] : AtRecallTable.levels.map { $0 }
    let first = curves[0].labels
    let shared = first.conditions.filter { condition in curves.allSatisfy { $0.labels.conditions.contains(condition) } }
    let facts = "ours ÷ peer"
    table = Table(
      title: "ratios · \(family.title) · \(dataset)",
      caption: ((first.data + shared).map { "\($0.name) \($0.value)" } + [facts]).joined(separator: " · "),
      columns: [])
    varying = CaseLabels.conditionOrder.filter { name in Set(curves.map { $0.labels.condition(name) }).count > 1 }
    table.columns = (varying + ["peer", "ours"]).map { Table.Column($0) }
    table.columns += levels.map { level in
      Table.Column(level.map { "QPS @\(AtRecallTable.text($0))" } ?? "QPS", alignment: .right, unit: "×")
    }
    table.columns.append(Table.Column("build time", alignment: .right, unit: "×", priority: 1))
    table.columns.append(Table.Column("bytes per vector", alignment: .right, unit: "×", priority: 2))
  }

  private mutating func fill(_ curves: [SearchCurve]) {
    var groups: [[SearchCurve]] = []
    for curve in curves {
      if groups.last?.first?.labels.conditions == curve.labels.conditions {
        groups[groups.count - 1].append(curve)
      } else {
        groups.append([curve])
      }
    }
    for members in groups {
      let own = members.filter(\.isOwn)
      let peers = members.filter { !$0.isOwn }
      guard let conditions = own.first?.labels, !peers.isEmpty else { continue }
      let names = CurveNames(members.map(\.labels))
      group += 1
      if peers.count > 1 { append(conditions, "fastest peer", peers, "best", own) }
      for peer in peers {
        group += 1
        if own.count > 1 { append(conditions, names.name(peer.labels), [peer], "best", own) }
        for variant in own {
          append(conditions, names.name(peer.labels), [peer], names.name(variant.labels), [variant])
        }
      }
    }
  }

  /// A row: the fastest of `own` at each recall over the fastest of `peers` there.
  private mutating func append(
    _ conditions: CaseLabels, _ peerName: String, _ peers: [SearchCurve], _ ownName: String, _ own: [SearchCurve]
  ) {
    var cells =
      varying.map { Table.Cell(conditions.condition($0) ?? "") } + [Table.Cell(peerName), Table.Cell(ownName)]
    for level in levels {
      let ours = Self.fastest(own, at: level)
      let theirs = Self.fastest(peers, at: level)
      cells.append(Self.ratio(ours, theirs))
    }
    let single = own.count == 1 && peers.count == 1
    cells.append(single ? Self.ratio(own[0].build.seconds, peers[0].build.seconds) : .empty)
    cells.append(single ? Self.ratio(own[0].build.bytesPerVector, peers[0].build.bytesPerVector) : .empty)
    table.rows.append(Table.Row(cells, group: group))
  }

  private static func fastest(_ curves: [SearchCurve], at level: Double?) -> SearchCurve.Reading? {
    curves.compactMap { curve in level.map { curve.reading("qps", at: $0) } ?? curve.bestQPS }
      .max { $0.value < $1.value }
  }

  /// A sweep that starts above the recall asked for only bounds its QPS there, and so the ratio.
  private static func ratio(_ ours: SearchCurve.Reading?, _ theirs: SearchCurve.Reading?) -> Table.Cell {
    guard let ours else { return Table.Cell("not reached") }
    guard let theirs, theirs.value > 0 else { return Table.Cell("only ours") }
    let ratio = ours.value / theirs.value
    let sign = ours.isBound ? (theirs.isBound ? "≈ " : "> ") : (theirs.isBound ? "< " : "")
    return Table.Cell(sign + HumanNumber.text(ratio, unit: "×"), number: ratio)
  }

  private static func ratio(_ ours: Double?, _ theirs: Double?) -> Table.Cell {
    guard let ours, let theirs, theirs > 0 else { return Table.Cell("–") }
    return .number(ours / theirs, unit: "×")
  }
}
