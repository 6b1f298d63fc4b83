import Foundation
import RunStore

/// A case of a whole system, read.
struct SystemRow: Sendable {
  var labels: SystemLabels
  let record: CaseRecord

  init(_ item: LabeledCase) {
    labels = SystemLabels(item.record.labels)
    record = item.record
  }

  func metric(_ name: String) -> MetricValue? { record.metrics[name] }

  func value(_ name: String) -> Double? { record.metrics[name]?.value }

  /// As it was built, whatever it was told of a search.
  var withoutSearch: SystemRow {
    var row = self
    row.labels.search = []
    return row
  }

  /// Load by load, the rest in the order of a question's way, exact search before the indexes that approximate it, others'
  /// systems last.
  static func sorted(_ cases: [LabeledCase]) -> [SystemRow] {
    let rows = cases.map(SystemRow.init)
    let titles = rows.reduce(into: [String]()) { titles, row in
      for part in row.labels.parts where !titles.contains(part.title) { titles.append(part.title) }
    }
    func key(_ row: SystemRow) -> [String] {
      let labels = row.labels
      return ["\(labels.load.kind)", "\(labels.load.amount)", labels.text("n"), labels.isForeign ? "1" : "0"]
        + titles.filter { !SystemLabels.loads.contains($0) && $0 != "n" }.map(labels.text)
        + [labels.isExact ? "0" : "1", labels.index] + labels.build + labels.search + [row.record.id]
    }
    func precedes(_ a: [String], _ b: [String]) -> Bool {
      for (p, q) in zip(a, b) where p != q {
        if let m = Double(p), let n = Double(q), m != n { return m < n }
        return p.compare(q, options: .numeric) == .orderedAscending
      }
      return a.count < b.count
    }
    return rows.map { ($0, key($0)) }.sorted { precedes($0.1, $1.1) }.map(\.0)
  }

  /// The metric of a family such as "recall@" with the largest k that any row has.
  static func name(of family: String, in rows: [SystemRow]) -> String? {
    cuts(of: family, in: rows).first.map { "\(family)\($0)" }
  }

  /// The ks of a family, the largest first.
  static func cuts(of family: String, in rows: [SystemRow]) -> [Int] {
    let names = Set(rows.flatMap { $0.record.metrics.keys }).filter { $0.hasPrefix(family) }
    return names.compactMap { Int($0.dropFirst(family.count)) }.sorted(by: >)
  }

  /// Those under the load that is the lightest of its kind: what of a system does not depend on others' questions.
  static func atLightestLoad(_ rows: [SystemRow]) -> [SystemRow] {
    guard let first = rows.min(by: { $0.labels.load < $1.labels.load })?.labels.load else { return [] }
    return rows.filter { $0.labels.load == first }
  }
}
