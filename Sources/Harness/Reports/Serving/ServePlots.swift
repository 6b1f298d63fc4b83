import RunStore
import Statistics

/// The plots of one set of prompts: what latency costs of throughput, what of the load is good, how latencies are distributed,
/// memory and queue over time, how far outputs of a request part, and throughput by policy and n.
struct ServePlots {
  let dataset: String
  let rows: [ServeRow]
  let names: ServeNames
  let series: [String: ServeSeries]

  /// - Parameters:
  ///   - cases: serve cases of one set of prompts.
  ///   - series: by case id.
  init(_ cases: [LabeledCase], dataset: String, series: [String: ServeSeries]) {
    self.dataset = dataset
    self.series = series
    rows = ServeRow.sorted(cases).filter { $0.rate != nil }
    names = ServeNames(rows)
  }

  var plots: [Plot] {
    let sheets = Sheet.of(rows)
    return sheets.compactMap { latency($0) } + [goodput].compactMap { $0 }
      + sheets.compactMap { distribution($0) } + sheets.compactMap { timeline($0) }
      + sheets.compactMap { skew($0) } + sheets.filter { $0.isFirst }.compactMap { throughput($0) }
  }

  /// Rows of one kind of load with as many outputs.
  struct Sheet {
    var family: ServeRow.Family
    var n: Int
    var rows: [ServeRow]
    /// All rows of this kind of load, whatever their n.
    var all: [ServeRow]
    /// The first of its kind of load.
    var isFirst: Bool

    static func of(_ rows: [ServeRow]) -> [Sheet] {
      ServeRow.Family.allCases.flatMap { family -> [Sheet] in
        let all = rows.filter { $0.family == family }
        return Set(all.map(\.n)).sorted().enumerated().map { place, n in
          Sheet(family: family, n: n, rows: all.filter { $0.n == n }, all: all, isFirst: place == 0)
        }
      }
    }

    /// The rows of the load at which most tokens came; of a plot that shows one load.
    var busiest: [ServeRow] {
      let load = rows.max { ($0.amount, $0.rate ?? 0) < ($1.amount, $1.rate ?? 0) }?.load
      return rows.filter { $0.load == load }
    }
  }

  // MARK: Latency against throughput

  private func latency(_ sheet: Sheet) -> Plot? {
    let lines = lines(sheet.rows).filter { $0.rows.count > 1 }
    guard !lines.isEmpty else { return nil }
    let p50 = SeriesStyle(color: "#444444", point: 7, dash: 1, width: 2)
    let p99 = SeriesStyle(color: "#444444", point: 6, dash: 2, width: 1.4)
    let panels = [("ttft", "TTFT"), ("itl", "ITL"), ("e2e", "E2E")].map { name, title -> Plot.Panel in
      let curves = lines.flatMap { line in
        [("p50", 1, true), ("p99", 2, false)].compactMap { quantile, dash, isMiddle -> Plot.Series? in
          let points = line.rows.filter { $0.value("\(name)_\(quantile)") != nil }
          guard !points.isEmpty else { return nil }
          var style = line.style
          if !isMiddle { (style.dash, style.width, style.point) = (2, 1.4, Self.open(style.point)) }
          return Plot.Series(
            style: style, x: points.compactMap(\.rate), y: points.compactMap { $0.value("\(name)_\(quantile)") })
        }
      }
      return Plot.Panel(
        x: Axis(title: "output tokens/s", scale: .linear, unit: "1/s"),
        y: Axis(title: title, scale: .logarithmic, unit: "s"), content: .curves(curves))
    }
    return Plot(
      name: fileName("latency-throughput", sheet), title: "\(dataset): latency against throughput\(ofN(sheet))",
      subtitle: subtitle(sheet.rows), panels: panels,
      legend: legend(lines) + [
        Plot.LegendEntry(title: "p50", sign: .curve(p50)), Plot.LegendEntry(title: "p99", sign: .curve(p99)),
      ])
  }

  // MARK: Goodput against rate

  /// Each server's good requests a second over the rate at which they arrive, single rates and those that sweeps tried; where
  /// every request is good, they are the same.
  private var goodput: Plot? {
    struct Points {
      var style: SeriesStyle
      var name: String
      var known: [(rate: Double, goodput: Double)]
      var sustained: Double?
    }
    let members = rows.filter { [.open, .sweep].contains($0.family) }
    let all = lines(members).map { line -> Points in
      let single = line.rows.filter { $0.family == .open }.compactMap { row in
        row.value("goodput").map { (rate: row.arrivals, goodput: $0) }
      }
      let tried = line.rows.flatMap { series[$0.record.id]?.probes ?? [] }.map { (rate: $0.rate, goodput: $0.goodput) }
      return Points(
        style: line.style, name: line.name,
        known: (single + tried).filter { $0.goodput.isFinite }.sorted { $0.rate < $1.rate },
        sustained: line.rows.compactMap { $0.value("sustained_rate") }.max())
    }.filter { $0.known.count > 1 }
    guard let most = all.flatMap({ $0.known.map(\.rate) }).max() else { return nil }
    let gray = SeriesStyle(color: "#777777", point: 6, dash: 2, width: 1.4)
    let knee = SeriesStyle(color: "#444444", point: 13, dash: 3, width: 1.6)
    let ideal = Plot.Series(style: gray, x: [0, most], y: [0, most], marks: .lines)
    let curves = all.flatMap { points -> [Plot.Series] in
      let curve = Plot.Series(style: points.style, x: points.known.map(\.rate), y: points.known.map(\.goodput))
      guard let sustained = points.sustained else { return [curve] }
      var style = points.style
      (style.dash, style.width) = (3, 1.6)
      return [curve, Plot.Series(style: style, x: [sustained, sustained], y: [0, sustained], marks: .lines)]
    }
    var legend = all.map { Plot.LegendEntry(title: $0.name, sign: .curve($0.style)) }
    legend.append(Plot.LegendEntry(title: "every request good", sign: .line(gray)))
    if all.contains(where: { $0.sustained != nil }) {
      legend.append(Plot.LegendEntry(title: "highest rate in the SLO", sign: .line(knee)))
    }
    return Plot(
      name: PlotSet.join(PlotSet.safe(dataset), "goodput-rate"), title: "\(dataset): goodput against request rate",
      subtitle: subtitle(members),
      panels: [
        Plot.Panel(
          x: Axis(title: "requests per second", scale: .linear, unit: "1/s"),
          y: Axis(title: "good requests per second", scale: .linear, unit: "1/s"), content: .curves([ideal] + curves))
      ], legend: legend)
  }

  // MARK: Outputs that part

  private func skew(_ sheet: Sheet) -> Plot? {
    let lines = lines(sheet.busiest).filter { line in
      line.rows.contains { (series[$0.record.id]?.skew.count ?? 0) > 1 }
    }
    guard sheet.n > 1, !lines.isEmpty else { return nil }
    let panels = [(0.5, "p50"), (0.99, "p99")].map { q, title -> Plot.Panel in
      let curves = lines.compactMap { line -> Plot.Series? in
        guard let skew = line.rows.lazy.compactMap({ series[$0.record.id]?.skew }).first(where: { $0.count > 1 }) else {
          return nil
        }
        return Plot.Series(
          style: line.style, x: skew.indices.map { Double($0) },
          y: skew.map { Double($0.quantile(q) ?? 0) / 1e9 })
      }
      return Plot.Panel(
        x: Axis(title: "choice index", scale: .near, unit: "1"),
        y: Axis(title: "behind the first to finish, \(title)", scale: .linear, unit: "s"), content: .curves(curves))
    }
    return Plot(
      name: fileName("finish-skew", sheet), title: "\(dataset): when the outputs of a request finish\(ofN(sheet))",
      subtitle: subtitle(sheet.busiest) + ", \(sheet.busiest.first?.load ?? "")", panels: panels, legend: legend(lines))
  }

  // MARK: Throughput by policy and n

  /// A bar for each n and server, as vLLM's post of 2023 sets ways to serve beside each other.
  private func throughput(_ sheet: Sheet) -> Plot? {
    let load = Sheet(family: sheet.family, n: 0, rows: sheet.all, all: [], isFirst: true).busiest
    guard sheet.family != .sweep, load.count > 1 else { return nil }
    let lines = lines(load)
    let bars = load.map { row -> Plot.Bar in
      let color = lines.first { $0.name == names.name(row) }?.style.color ?? SeriesStyle.palette[0]
      return Plot.Bar(
        name: "n = \(row.n)  \(names.name(row))", color: color, segments: [row.rate ?? 0],
        label: HumanNumber.text(row.rate ?? 0, unit: "1/s"))
    }
    return Plot(
      name: PlotSet.join(PlotSet.safe(dataset), "throughput", sheet.family.rawValue),
      title: "\(dataset): output tokens per second", subtitle: subtitle(load) + ", \(load.first?.load ?? "")",
      panels: [
        Plot.Panel(
          x: Axis(title: "output tokens per second", scale: .linear, unit: "1/s"),
          y: Axis(title: "", scale: .linear, unit: "1"), content: .bars(bars))
      ], legend: [])
  }
}

// MARK: - Lines

extension ServePlots {
  /// Rows that make one curve, and how it is drawn.
  struct Line {
    var name: String
    var style: SeriesStyle
    var rows: [ServeRow]
  }

  /// Rows of one name, at most as many as a plot can show.
  func lines(_ rows: [ServeRow]) -> [Line] {
    let known = order
    return Array(
      known.compactMap { name, style in
        let members = rows.filter { names.name($0) == name }
        return members.isEmpty ? nil : Line(name: name, style: style, rows: members)
      }.prefix(PlotSet.most))
  }

  /// The same colour for a name in every plot.
  private var order: [(name: String, style: SeriesStyle)] {
    var found: [String] = []
    for row in rows where !found.contains(names.name(row)) { found.append(names.name(row)) }
    return found.enumerated().map { place, name in
      let color = SeriesStyle.palette[place % SeriesStyle.palette.count]
      return (name, SeriesStyle(color: color, point: [7, 5, 9, 13, 11][place % 5], dash: 1, width: 2.2))
    }
  }

  /// The same shape, not filled.
  static func open(_ point: Int) -> Int { point - 1 }

  func legend(_ lines: [Line]) -> [Plot.LegendEntry] {
    lines.map { Plot.LegendEntry(title: $0.name, sign: .curve($0.style)) }
  }

  func ofN(_ sheet: Sheet) -> String { Set(rows.map(\.n)).count > 1 ? ", n = \(sheet.n)" : "" }

  func subtitle(_ rows: [ServeRow]) -> String {
    ServeNames(rows).caption.replacing(" · ", with: ", ")
  }

  /// "short-latency-throughput-closed-n-3".
  func fileName(_ kind: String, _ sheet: Sheet) -> String {
    PlotSet.join(
      PlotSet.safe(dataset), kind, sheet.family.rawValue, Set(rows.map(\.n)).count > 1 ? "n-\(sheet.n)" : "")
  }
}
