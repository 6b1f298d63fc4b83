import RunStore

/// A store with one of its indexes, under the conditions in which it was searched, at the point where it is compared.
struct StorePoint: Sendable {
  /// The case that is compared: the fastest whose recall is enough, or the one with the most.
  let row: SystemRow
  /// Of all searches on what was built.
  let searches: [SystemRow]

  /// Of the first store that is embedded, the baseline of every comparison.
  static let baseline = "embedded"
  /// How their rows begin.
  static let order = ["k", "threads", "filter", "consistency", SystemLabels.indexTitle, "store"]

  var store: String { row.labels.text("store") }

  /// What is the same in stores that are compared: index, its build, and how it was asked.
  var condition: [String] {
    [row.labels.index] + row.labels.build
      + row.labels.parts.filter { $0.title != "store" }.map { "\($0.title) \($0.text)" }
  }

  /// Builds under their conditions, in the order of the rows; failures are points by themselves.
  static func of(_ rows: [SystemRow]) -> [StorePoint] {
    var groups: [[SystemRow]] = []
    for row in rows {
      let place = groups.firstIndex { members in
        let other = members[0].labels
        return other.parts == row.labels.parts && other.index == row.labels.index && other.build == row.labels.build
          && members[0].record.failure == nil && row.record.failure == nil
      }
      if let place { groups[place].append(row) } else { groups.append([row]) }
    }
    return groups.map { StorePoint(row: operating($0), searches: $0) }
  }

  private static func operating(_ rows: [SystemRow]) -> SystemRow {
    func value(_ row: SystemRow) -> Double { row.value("recall@") ?? -1 }
    let enough = rows.filter { value($0) >= Report.operatingRecall }
    if let fastest = enough.max(by: { ($0.value("qps") ?? 0) < ($1.value("qps") ?? 0) }) { return fastest }
    return rows.max { value($0) < value($1) } ?? rows[0]
  }
}
