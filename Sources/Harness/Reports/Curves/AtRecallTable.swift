import Foundation
import RunStore
import Statistics

/// QPS, latency and memory of every curve where it reaches a given recall (METRICS: "at recall r").
enum AtRecallTable {
  static let levels = [0.90, 0.95, 0.99]

  /// - Parameter curves: of one dataset. `nil` when there is none.
  static func of(_ curves: [SearchCurve], dataset: String) -> Table? {
    guard let recall = curves.first?.cases.first?.recallName else { return nil }
    let labels = LabelColumns(curves.map(\.labels), search: false)
    let latencies = [("latency_p50", "p50", 4), ("latency_p99", "p99", 3)].filter { name, _, _ in
      curves.contains { !$0.front(name).points.isEmpty }
    }
    var table = Table(title: "at \(recall) · \(dataset)", caption: labels.caption, columns: labels.columns)
    table.columns += levels.map { Table.Column("QPS @\(text($0))", alignment: .right, unit: "1/s", better: .higher) }
    table.columns.append(Table.Column("bytes per vector", alignment: .right, unit: "1", better: .lower, priority: 1))
    table.columns.append(Table.Column("index size", alignment: .right, unit: "B", better: .lower, priority: 5))
    table.columns.append(Table.Column("build", alignment: .right, unit: "s", better: .lower, priority: 2))
    for (_, title, priority) in latencies {
      table.columns += levels.map {
        Table.Column("\(title) @\(text($0))", alignment: .right, unit: "s", better: .lower, priority: priority)
      }
    }
    var group = 0
    for (position, curve) in curves.enumerated() {
      if position > 0, curves[position - 1].labels.conditions != curve.labels.conditions { group += 1 }
      var cells = labels.cells(curve.labels)
      cells += levels.map { cell(curve.reading("qps", at: $0), unit: "1/s", bound: ">", missing: "not reached") }
      cells.append(
        curve.build.bytesPerVector.map { Table.Cell(HumanNumber.grouped($0), number: $0) } ?? Table.Cell("–"))
      cells.append(curve.build.bytes.map { .number($0, unit: "B") } ?? Table.Cell("–"))
      cells.append(curve.build.seconds.map { .number($0, unit: "s") } ?? Table.Cell("–"))
      for (name, _, _) in latencies {
        cells += levels.map { cell(curve.reading(name, at: $0), unit: "s", bound: "<", missing: "–") }
      }
      table.rows.append(Table.Row(cells, group: group))
    }
    table.dropColumns(holdingOnly: "–")
    table.markBest()
    return table
  }

  static func text(_ recall: Double) -> String { String(format: "%.2f", recall) }

  private static func cell(
    _ reading: SearchCurve.Reading?, unit: String, bound: String, missing: String
  ) -> Table.Cell {
    guard let reading else { return Table.Cell(missing) }
    let text = HumanNumber.text(reading.value, unit: unit)
    return Table.Cell(reading.isBound ? "\(bound) \(text)" : text, number: reading.value)
  }
}
