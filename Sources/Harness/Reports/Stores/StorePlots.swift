import RunStore

/// The plots of stores side by side.
struct StorePlots {
  let dataset: String
  private let rows: [SystemRow]
  private let points: [StorePoint]
  private let names: SystemColumns
  private let stores: [String]

  /// - Parameter cases: the store cases of one dataset.
  init(_ cases: [LabeledCase], dataset: String) {
    self.dataset = dataset
    let all = SystemRow.sorted(cases, by: "store").filter { $0.record.failure == nil }
    // More threads have a table; a plot shows what a single one waits for.
    let threads = all.compactMap { Int($0.labels.text("threads")) }.min()
    rows = all.filter { Int($0.labels.text("threads")) == threads }
    points = Array(StorePoint.of(rows).prefix(Self.most))
    names = SystemColumns(rows.map(\.withoutSearch), order: StorePoint.order)
    stores = points.reduce(into: []) { if !$0.contains($1.store) { $0.append($1.store) } }
  }

  private static let most = 16

  var plots: [Plot] { [sideBySide, curves].compactMap { $0 } }

  private func color(_ store: String) -> String {
    SeriesStyle.palette[(stores.firstIndex(of: store) ?? 0) % SeriesStyle.palette.count]
  }

  private func name(_ point: StorePoint) -> String { names.name(point.row.withoutSearch) }

  private var subtitle: String { SystemColumns(rows.map(\.withoutSearch)).subtitle }

  // MARK: Side by side

  private var sideBySide: Plot? {
    let inserting = [
      panel("insert", "until searchable", "insert_seconds", to: nil),
      panel("found after an insert, p50 to max", "since acknowledged", "visibility_p50", to: "visibility_max"),
      panel(
        "gone after a delete, p50 to max", "since acknowledged", "delete_visibility_p50",
        to: "delete_visibility_max"),
    ].compactMap { $0 }
    let searching = [
      panel("search, p50 to p99", "latency", "latency_p50", to: "latency_p99"),
      panel("throughput", "queries per second", "qps", to: nil, unit: "1/s"),
    ].compactMap { $0 }
    guard !inserting.isEmpty || !searching.isEmpty else { return nil }
    var panels: [Plot.Panel] = []
    var bands: [Plot.Band] = []
    for some in [inserting, searching] where !some.isEmpty {
      bands.append(
        Plot.Band(
          panels: panels.count..<panels.count + some.count, height: Plot.bandHeight(rows: points.count, legend: 0),
          legend: []))
      panels += some
    }
    let isSwept = points.contains { $0.searches.count > 1 }
    return Plot(
      name: PlotSet.join(PlotSet.safe(dataset), "stores"), title: "\(dataset): stores side by side",
      subtitle: subtitle
        + (isSwept ? ", each at the fastest search with a recall of \(Report.operatingRecall), or at its best" : ""),
      panels: panels, legend: [], arrangement: .page(bands))
  }

  /// A row a build; what it has not measured stays empty. `nil` where none has it.
  private func panel(
    _ title: String, _ axis: String, _ name: String, to reach: String?, unit: String = "s"
  ) -> Plot.Panel? {
    guard points.contains(where: { ($0.row.value(name) ?? 0) > 0 }) else { return nil }
    let rows = points.map { point in
      let value = point.row.value(name).flatMap { $0 > 0 ? $0 : nil }
      let end = reach.flatMap { point.row.value($0) } ?? value
      return Plot.RangeRow(
        name: self.name(point),
        marks: value.map { [Plot.RangeRow.Mark(value: $0, reach: max($0, end ?? $0), color: color(point.store))] }
          ?? [],
        label: value.map { HumanNumber.text($0, unit: unit) } ?? "")
    }
    return Plot.Panel(
      x: Axis(title: "\(axis) (log scale)", scale: .logarithmic, unit: unit),
      y: Axis(title: "", scale: .linear, unit: ""), content: .ranges(rows), title: title)
  }

  // MARK: Against recall

  /// Throughput and latency against recall; `nil` where no build was searched in two ways.
  private var curves: Plot? {
    let recall = "recall@"
    guard let title = SystemRow.title(of: recall, in: rows) else { return nil }
    let swept = points.filter { $0.searches.count > 1 }.prefix(PlotSet.most)
    guard !swept.isEmpty else { return nil }
    var shapes: [String: Int] = [:]
    let styles = swept.map { point -> SeriesStyle in
      let shape = shapes[point.store, default: 0]
      shapes[point.store] = shape + 1
      return SeriesStyle(
        color: color(point.store), point: [7, 5, 9, 13, 11][shape % 5], dash: shape % 4 + 1, width: 2)
    }
    let all = swept.flatMap { $0.searches.compactMap { $0.value(recall) } }
    let panels = [("qps", "queries per second (log scale)", "1/s"), ("latency_p99", "p99 of latency (log scale)", "s")]
      .compactMap { metric, axis, unit -> Plot.Panel? in
        let series = zip(swept, styles).compactMap { point, style -> Plot.Series? in
          let known = point.searches.compactMap { row in
            row.value(recall).flatMap { recall in row.value(metric).map { (recall, $0) } }
          }.sorted { $0.0 < $1.0 }
          return known.isEmpty ? nil : Plot.Series(style: style, x: known.map(\.0), y: known.map(\.1))
        }
        guard !series.isEmpty else { return nil }
        return Plot.Panel(
          x: Axis.recall("\(title) (spread near 1)", values: all),
          y: Axis(title: axis, scale: .logarithmic, unit: unit), content: .curves(series.reversed()))
      }
    guard !panels.isEmpty else { return nil }
    return Plot(
      name: PlotSet.join(PlotSet.safe(dataset), "stores-recall"),
      title: "\(dataset): searches of stores against recall",
      subtitle: subtitle, panels: panels,
      legend: zip(swept, styles).map { Plot.LegendEntry(title: name($0), sign: .curve($1)) })
  }
}
