import RunStore

/// Stores side by side: what it takes to insert, when what was inserted is found, and how searches fare.
enum StoreTables {
  private typealias Column = SystemTable.Column

  /// - Parameter cases: the store cases of one dataset.
  static func of(_ cases: [LabeledCase], dataset: String) -> [Table] {
    let rows = SystemRow.sorted(cases, by: "store")
    guard !rows.isEmpty else { return [] }
    let points = StorePoint.of(rows)
    // Of a single store, the indexes are compared.
    let isAlone = Set(points.map(\.store)).count == 1
    let group = { (row: SystemRow) in
      isAlone
        ? conditions.map(row.labels.text).joined(separator: " ")
        : StorePoint(row: row, searches: []).condition.joined(separator: " ")
    }
    return [
      sideBySide(points, dataset, group), ratios(points, dataset, group), inserting(points, dataset),
      searching(points, rows, dataset) { group($0) + (isAlone ? "" : $0.labels.search.joined()) },
      churned(points, dataset, group),
    ].compactMap { $0 }
  }

  /// How it was asked, which a build knows nothing of.
  private static let conditions = ["k", "threads", "filter", "consistency"]

  private static func sideBySide(
    _ points: [StorePoint], _ dataset: String, _ group: @escaping (SystemRow) -> String
  ) -> Table? {
    let isSwept = points.contains { $0.searches.count > 1 }
    let overhead = points.compactMap { $0.row.value("harness_overhead") }.max().map {
      "the harness adds at most \(HumanNumber.text($0, unit: "s")) to a query"
    }
    let choice = isSwept ? "each at the fastest search with a recall of \(Report.operatingRecall), or at its best" : nil
    return SystemTable(
      title: "store · \(dataset) · side by side", facts: [choice, overhead].compactMap { $0 },
      columns: [
        Column(name: "insert_seconds", title: "insert", priority: 0),
        Column(name: "visibility_p50", title: "found after p50", priority: 0),
        Column(name: "visibility_max", title: "max", priority: 1),
        Column(name: "delete_visibility_p50", title: "gone after p50", priority: 3),
        Column(name: "recall@", title: "recall@", priority: 0),
        Column(name: "short_answers", title: "short answers", priority: 1, isShare: true, isFact: true),
        Column(name: "latency_p50", title: "search p50", priority: 0),
        Column(name: "latency_p99", title: "p99", priority: 0),
        Column(name: "qps", title: "QPS", priority: 0),
        Column(name: "disk_bytes", title: "on disk", priority: 2),
      ], order: StorePoint.order, group: group
    ).of(points.map(\.row))
  }

  /// Every other store to the embedded one with the same index, asked in the same way.
  private static func ratios(
    _ points: [StorePoint], _ dataset: String, _ group: @escaping (SystemRow) -> String
  ) -> Table? {
    let columns = [
      ("insert_seconds", "insert"), ("visibility_p50", "found after p50"), ("latency_p50", "search p50"),
      ("latency_p99", "p99"), ("qps", "QPS"), ("disk_bytes", "on disk"),
    ]
    let baselines = points.filter { $0.store == StorePoint.baseline }
    let pairs = points.filter { $0.store != StorePoint.baseline && $0.row.record.failure == nil }.compactMap { point in
      baselines.first { $0.condition == point.condition }.map { (point.row, $0.row) }
    }
    guard !pairs.isEmpty else { return nil }
    let base = Dictionary(pairs.map { ($0.0.record.id, $0.1) }, uniquingKeysWith: { a, _ in a })
    return SystemTable(
      title: "ratios · store · \(dataset) · ÷ \(StorePoint.baseline)", columns: [], order: StorePoint.order,
      hasCaption: false, group: group,
      added: (
        columns.map { Table.Column($0.1, alignment: .right, unit: "×") },
        { row in
          columns.map { name, _ in
            guard let value = row.value(name), let base = base[row.record.id]?.value(name), base > 0 else {
              return .empty
            }
            return .number(value / base, unit: "×")
          }
        }
      )
    ).of(pairs.map(\.0))
  }

  /// What was measured of each build, once.
  private static func inserting(_ points: [StorePoint], _ dataset: String) -> Table? {
    var builds: [SystemRow] = []
    for point in points where point.row.record.failure == nil {
      let row = point.row.withoutSearch
      func build(_ labels: SystemLabels) -> [String] {
        [labels.index] + labels.build + labels.parts.filter { !conditions.contains($0.title) }.map(\.text)
      }
      // Of the same build under several conditions, the first, which is searched without a filter.
      if !builds.contains(where: { build($0.labels) == build(row.labels) }) { builds.append(row) }
    }
    return SystemTable(
      title: "store · \(dataset) · inserting",
      columns: [
        Column(name: "insert_seconds", title: "insert", priority: 0),
        Column(name: "insert_rate", title: "rows/s", priority: 0),
        Column(name: "insert_batch_p50", title: "batch p50", priority: 1),
        Column(name: "insert_batch_p99", title: "p99", priority: 2),
        Column(name: "optimize_seconds", title: "optimize", priority: 1),
        Column(name: "insert_one_p50", title: "one row", priority: 3),
        Column(name: "delete_one_p50", title: "delete one", priority: 3),
        Column(name: "read_after_write", title: "found at once", priority: 0, isShare: true),
        Column(name: "visibility_p50", title: "found after p50", priority: 0),
        Column(name: "visibility_p99", title: "p99", priority: 1),
        Column(name: "visibility_max", title: "max", priority: 1),
        Column(name: "delete_visibility_p50", title: "gone after p50", priority: 0),
        Column(name: "delete_visibility_max", title: "max", priority: 2),
        Column(name: "disk_bytes", title: "on disk", priority: 1),
      ], hidden: Set(conditions), order: StorePoint.order, hasCaption: false,
      group: { "\($0.labels.index) \($0.labels.build)" }
    ).of(builds)
  }

  /// Every search, where there are more of them than builds.
  private static func searching(
    _ points: [StorePoint], _ rows: [SystemRow], _ dataset: String, _ group: @escaping (SystemRow) -> String
  ) -> Table? {
    guard points.contains(where: { $0.searches.count > 1 }) else { return nil }
    return SystemTable(
      title: "store · \(dataset) · searching",
      columns: [
        Column(name: "recall@", title: "recall@", priority: 0), Column(name: "qps", title: "QPS", priority: 0),
        Column(name: "latency_p50", title: "p50", priority: 0), Column(name: "latency_p95", title: "p95", priority: 3),
        Column(name: "latency_p99", title: "p99", priority: 0),
        Column(name: "latency_p999", title: "p99.9", priority: 2),
        Column(name: "latency_max", title: "max", priority: 4),
        Column(name: "distances_per_query", title: "distances per query", priority: 3),
      ], order: StorePoint.order, hasCaption: false, group: group
    ).of(rows.filter { $0.record.failure == nil })
  }

  /// How fast rows are changed, deleted and put back, and what that leaves of recall and latency.
  private static func churned(
    _ points: [StorePoint], _ dataset: String, _ group: @escaping (SystemRow) -> String
  ) -> Table? {
    SystemTable(
      title: "store · \(dataset) · after churn",
      columns: [
        Column(name: "upsert_rate", title: "upserts/s", priority: 0),
        Column(name: "delete_rate", title: "deletes/s", priority: 0),
        Column(name: "reinsert_rate", title: "inserts/s", priority: 0),
        Column(name: "churned_recall@", title: "recall@", priority: 0),
        Column(name: "churned_latency_p50", title: "search p50", priority: 0),
      ], order: StorePoint.order, hasCaption: false, group: group
    ).of(points.map(\.row).filter { $0.metric("upsert_rate") != nil })
  }
}
