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

  /// Of a family such as "recall@", the metric with the largest k that this row has.
  func metric(_ name: String) -> MetricValue? {
    guard name.hasSuffix("@") else { return record.metrics[name] }
    return Self.cuts(of: name, in: [self]).first.flatMap { record.metrics["\(name)\($0)"] }
  }

  func value(_ name: String) -> Double? { metric(name)?.value }

  /// As it was built, whatever it was told of a search.
  var withoutSearch: SystemRow {
    var row = self
    row.labels.search = []
    return row
  }

  /// Load by load, the rest in the order of a question's way, exact search before the indexes that approximate it, others'
  /// systems last.
  ///
  /// - Parameter compared: the title of a part whose values stand under one another, all else being the same; nil for the index.
  static func sorted(_ cases: [LabeledCase], by compared: String? = nil) -> [SystemRow] {
    let rows = cases.map(SystemRow.init)
    let titles = rows.reduce(into: [String]()) { titles, row in
      for part in row.labels.parts where !titles.contains(part.title) { titles.append(part.title) }
    }
    func key(_ row: SystemRow) -> [String] {
      let labels = row.labels
      return ["\(labels.load.kind)", "\(labels.load.amount)", labels.text("n"), labels.isForeign ? "1" : "0"]
        + titles.filter { !SystemLabels.loads.contains($0) && $0 != "n" && $0 != compared }.map(labels.text)
        + [labels.isExact ? "0" : "1", labels.index, labels.build.joined(separator: " ")]
        + [labels.search.joined(separator: " "), compared.map(labels.text) ?? "", row.record.id]
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

  /// "recall@5", and "recall@k" where the rows' largest ks differ; nil where none has it.
  static func title(of family: String, in rows: [SystemRow]) -> String? {
    let largest = Set(rows.compactMap { cuts(of: family, in: [$0]).first })
    guard let k = largest.first else { return nil }
    return largest.count == 1 ? "\(family)\(k)" : "\(family)k"
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
