import RunStore

/// A case with its labels read.
struct LabeledCase: Sendable {
  var labels: CaseLabels
  var record: CaseRecord

  func metric(_ name: String) -> Double? { record.metrics[name]?.value }

  /// Whether recall is that of an index against exact search, and not of documents against judgements.
  var isSearch: Bool { labels.workload == "search" }

  /// Mean recall and the k it was taken at: "recall@10".
  var recallName: String? {
    record.metrics.keys.filter { $0.hasPrefix("recall@") && !$0.contains("_") }.min()
  }

  /// Mean recall, where it was measured.
  var recall: Double? { recallName.flatMap(metric) }

  /// All cases of a run, in the order of their rows.
  static func sorted(_ records: [CaseRecord]) -> [LabeledCase] {
    func key(_ record: CaseRecord) -> [String] { ["dataset", "engine", "index"].map { record.labels[$0] ?? "" } }
    let built = Dictionary(
      records.filter { $0.workload == "insert" }.map { (key($0), Set($0.labels.keys)) },
      uniquingKeysWith: { $0.union($1) })
    return records.map { LabeledCase(labels: CaseLabels($0, built: built[key($0)]), record: $0) }
      .sorted { CaseLabels.precedes($0.labels, $1.labels) }
  }

  /// A build as a case of its own, for each index that searches ran on, unless insert cases measured building.
  static func builds(of cases: [LabeledCase]) -> [LabeledCase] {
    guard !cases.contains(where: { $0.labels.workload == "insert" }) else { return [] }
    var seen: Set<CaseLabels> = []
    return cases.filter(\.isSearch).compactMap { item in
      var build = LabeledCase(labels: item.labels.identity, record: item.record)
      build.record.metrics = item.record.metrics.filter { MetricColumn.isOfBuild($0.key) }
      return build.record.metrics.isEmpty || !seen.insert(build.labels).inserted ? nil : build
    }
  }

  /// What was measured of the searches alone.
  var withoutBuild: LabeledCase {
    var search = self
    search.record.metrics = record.metrics.filter { !MetricColumn.isOfBuild($0.key) }
    return search
  }
}
