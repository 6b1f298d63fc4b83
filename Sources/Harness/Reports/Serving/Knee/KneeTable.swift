import RunStore
import Statistics

/// Where each server's throughput stops growing with the load, and what stops it.
enum KneeTable {
  /// - Parameter seed: of the intervals around knees.
  /// - Returns: `nil` where no server was put under three loads of a kind.
  static func of(_ cases: [LabeledCase], dataset: String, seed: UInt64) -> Table? {
    let rows = ServeRow.sorted(cases).filter { $0.rate != nil }
    let names = ServeNames(rows)
    var table = Table(
      title: "serve · \(dataset) · where throughput stops growing", caption: names.caption,
      columns: [
        Table.Column("load"), Table.Column("n", alignment: .right), Table.Column("server"),
        Table.Column("knee", alignment: .right, unit: "1"),
        Table.Column("output tokens/s there", alignment: .right, unit: "1/s"), Table.Column("cause"),
      ])
    for (family, axis) in [(ServeRow.Family.closed, KneePoint.Axis.concurrency), (.open, .rate)] {
      let members = rows.filter { $0.family == family }
      for n in Set(members.map(\.n)).sorted() {
        var seen: [String] = []
        for name in members.filter({ $0.n == n }).map(names.name) where !seen.contains(name) {
          seen.append(name)
          let series = members.filter { $0.n == n && names.name($0) == name }
          guard Set(series.map(\.amount)).count >= 3 else { continue }
          let knee = ServingKnee(series.compactMap { KneePoint($0, axis: axis) }, axis: axis, seed: seed)
          let place: [Table.Cell] =
            if case .found(let knee) = knee.finding {
              [.number(knee.x, unit: "1"), .number(knee.y, unit: "1/s")]
            } else { [Table.Cell("–"), Table.Cell("–")] }
          let note = table.footnote(knee.sentence)
          table.rows.append(
            Table.Row(
              [Table.Cell(axis == .rate ? "rate" : "concurrency"), Table.Cell("\(n)"), Table.Cell(name)] + place
                + [Table.Cell(knee.cause?.rawValue ?? "not reached", note: note)]))
        }
      }
    }
    return table.rows.isEmpty ? nil : table
  }
}

extension KneePoint {
  /// - Returns: `nil` for a row that measured nothing.
  init?(_ row: ServeRow, axis: Axis) {
    guard let rate = row.rate else { return nil }
    self.init(load: axis == .rate ? row.arrivals : row.amount, throughput: rate)
    ttftP99 = row.value("ttft_p99")
    meanKVUsage = row.value("kv_utilization")
    peakKVUsage = row.value("kv_utilization_max")
    meanRunning = row.value("running")
    meanWaiting = row.value("waiting")
    preemptions = row.value("preemptions")
    if let refused = row.value("refused"), let scheduled = row.value("scheduled"), scheduled > 0 {
      refusedShare = refused / scheduled
    }
    if row.value("valid") == 0 { doubts = [row.record.metrics["valid"]?.reason ?? "the run is invalid"] }
  }
}
