import Foundation
import RunStore
import Statistics

extension PlotSet {
  /// Recall against QPS: the front of each index, and faintly what lies behind it.
  func throughput(_ sheet: Sheet) -> Plot? {
    panel("qps", Axis(title: "queries per second (log scale)", scale: .logarithmic, unit: "1/s"), sheet).map { panel in
      Plot(
        name: fileName("recall-qps", sheet.slug), title: "\(dataset): throughput against recall",
        subtitle: subtitle(sheet.curves.first?.labels, family: sheet.family) + pale([panel]), panels: [panel],
        legend: legend(sheet.curves))
    }
  }

  /// Recall against the median and the 99th percentile of latency.
  func latency(_ sheet: Sheet) -> Plot? {
    let panels = [
      ("latency_p50", "median latency (log scale)"), ("latency_p99", "99th percentile of latency (log scale)"),
    ]
    .compactMap { panel($0.0, Axis(title: $0.1, scale: .logarithmic, unit: "s"), sheet) }
    guard !panels.isEmpty else { return nil }
    return Plot(
      name: fileName("recall-latency", sheet.slug), title: "\(dataset): latency against recall",
      subtitle: subtitle(sheet.curves.first?.labels, family: sheet.family) + pale(panels), panels: panels,
      legend: legend(sheet.curves))
  }

  /// What pale points are, where there are any.
  private func pale(_ panels: [Plot.Panel]) -> String {
    let hasPale = panels.contains { panel in
      guard case .curves(let series) = panel.content else { return false }
      return series.contains { $0.marks == .faintPoints }
    }
    return hasPale ? "; pale points: settings that others of the same index beat" : ""
  }

  private func panel(_ metric: String, _ y: Axis, _ sheet: Sheet) -> Plot.Panel? {
    var behind: [Plot.Series] = []
    var fronts: [Plot.Series] = []
    for curve in sheet.curves {
      let front = curve.front(metric).points
      guard !front.isEmpty else { continue }
      let style = style(curve)
      fronts.append(Plot.Series(style: style, x: front.map(\.x), y: front.map(\.y)))
      let onFront = Set(front.map { [$0.x, $0.y] })
      let beaten = curve.cases.compactMap { item -> [Double]? in
        guard let recall = item.recall, let value = item.metric(metric) else { return nil }
        return onFront.contains([recall, value]) ? nil : [recall, value]
      }
      if !beaten.isEmpty {
        behind.append(Plot.Series(style: style, x: beaten.map { $0[0] }, y: beaten.map { $0[1] }, marks: .faintPoints))
      }
    }
    guard !fronts.isEmpty else { return nil }
    let x = Axis.recall(recallTitle(sheet), values: sheet.curves.flatMap { $0.cases.compactMap(\.recall) })
    // Peers below, ours on top.
    return Plot.Panel(x: x, y: y, content: .curves(behind + fronts.reversed()))
  }

  func recallTitle(_ sheet: Sheet) -> String {
    (sheet.curves.first?.cases.first?.recallName ?? "recall") + " (spread near 1)"
  }

  /// Latency by percentile, each index where its sweep first reaches that recall, or else at its best.
  func distribution(_ sheet: Sheet) -> Plot? {
    var series: [Plot.Series] = []
    var legend: [Plot.LegendEntry] = []
    for curve in sheet.curves {
      guard let point = curve.operatingPoint(at: Report.operatingRecall), let histogram = latencies[point.record.id]
      else { continue }
      guard histogram.count > 0 else { continue }
      // A percentile needs a sample beyond it.
      let last = min(3, log10(Double(histogram.count)))
      let places = (0...150).map { Double($0) / 150 * last }.map { 1 - pow(10, -$0) }
      let values = places.map { Double(histogram.quantile($0) ?? 0) * 1e-9 }
      let style = style(curve)
      series.append(Plot.Series(style: style, x: places, y: values, marks: .lines))
      let recall = HumanNumber.text(point.recall ?? 0, unit: "ratio").prefix(5)
      legend.append(Plot.LegendEntry(title: "\(names.name(curve.labels)) (\(recall))", sign: .line(style)))
    }
    guard !series.isEmpty else { return nil }
    return Plot(
      name: fileName("latency-distribution", sheet.slug),
      title: "\(dataset): distribution of latency at recall \(Report.operatingRecall)",
      subtitle: subtitle(sheet.curves.first?.labels, family: sheet.family) + "; recall of each in brackets",
      panels: [
        Plot.Panel(
          x: Axis(title: "percentile of queries (spread near 100)", scale: .nines(cap: 3.2), unit: "percentile"),
          y: Axis(title: "latency of a call (log scale)", scale: .logarithmic, unit: "s"),
          content: .curves(series.reversed()))
      ], legend: legend)
  }
}
