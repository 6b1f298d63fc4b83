import RunStore

/// The plots of questions that were asked of one corpus and answered.
struct RagPlots {
  let dataset: String
  let rows: [SystemRow]
  /// Rows of one colour are of one system, under whatever load and however it searches.
  private let systems: [(name: String, style: SeriesStyle)]
  private let systemNames: SystemColumns

  /// - Parameter cases: rag cases of one corpus.
  init(_ cases: [LabeledCase], dataset: String) {
    self.dataset = dataset
    let rows = SystemRow.sorted(cases).filter { $0.record.failure == nil }
    self.rows = rows
    let columns = SystemColumns(rows.map(\.withoutSearch), hidden: Set(SystemLabels.loads))
    systemNames = columns
    var names: [String] = []
    for row in rows where !names.contains(columns.name(row.withoutSearch)) {
      names.append(columns.name(row.withoutSearch))
    }
    systems = names.enumerated().map { place, name in
      let color = SeriesStyle.palette[place % SeriesStyle.palette.count]
      return (name, SeriesStyle(color: color, point: [7, 5, 9, 13, 11][place % 5], dash: 1, width: 2.2))
    }
  }

  var plots: [Plot] {
    waterfalls + [quality, throughput("users"), throughput("rate")].compactMap { $0 } + approximate
      + [freshness, page].compactMap { $0 }
  }

  /// "handbook-rag-throughput-users", "handbook-rag".
  func fileName(_ kind: String, _ part: String = "") -> String {
    PlotSet.join(PlotSet.safe(dataset), "rag", kind, part)
  }

  func subtitle(_ rows: [SystemRow], hidden: Set<String> = []) -> String {
    SystemColumns(rows, hidden: hidden).subtitle
  }

  // MARK: Series

  struct Line {
    var name: String
    var style: SeriesStyle
    var rows: [SystemRow]
  }

  /// Rows by their system, at most as many as a plot can show.
  func lines(_ rows: [SystemRow]) -> [Line] {
    Array(
      systems.compactMap { name, style in
        let members = rows.filter { systemNames.name($0.withoutSearch) == name }
        return members.isEmpty ? nil : Line(name: name, style: style, rows: members)
      }.prefix(PlotSet.most))
  }

  func legend(_ lines: [Line]) -> [Plot.LegendEntry] {
    lines.map { Plot.LegendEntry(title: $0.name, sign: .curve($0.style)) }
  }

  func color(_ row: SystemRow) -> String {
    systems.first { $0.name == systemNames.name(row.withoutSearch) }?.style.color ?? SeriesStyle.palette[0]
  }

  /// - Returns: `nil` where no row has both values.
  func panel(
    _ lines: [Line], x: Axis, y: Axis, title: String = "", _ xValue: (SystemRow) -> Double?,
    _ yValue: (SystemRow) -> MetricValue?
  ) -> Plot.Panel? {
    let curves = lines.compactMap { line -> Plot.Series? in
      let points = line.rows.compactMap { row -> (x: Double, y: Double, bounds: ClosedRange<Double>)? in
        guard let x = xValue(row), let metric = yValue(row), let y = metric.value else { return nil }
        let bounds = metric.ci95 ?? []
        return (x, y, bounds.count == 2 ? bounds[0]...max(bounds[0], bounds[1]) : y...y)
      }.sorted { $0.x < $1.x }
      guard !points.isEmpty else { return nil }
      let hasBounds = points.contains { $0.bounds.lowerBound < $0.bounds.upperBound }
      return Plot.Series(
        style: line.style, x: points.map(\.x), y: points.map(\.y), bounds: hasBounds ? points.map(\.bounds) : [])
    }
    guard !curves.isEmpty else { return nil }
    return Plot.Panel(x: x, y: y, content: .curves(curves.reversed()), title: title)
  }

  // MARK: Quality against latency

  private var quality: Plot? {
    let some = SystemRow.atLightestLoad(rows)
    let panels = qualityPanels(some)
    guard !panels.isEmpty else { return nil }
    return Plot(
      name: fileName("quality-latency"), title: "\(dataset): quality against latency",
      subtitle: ([subtitle(some)] + (hasIntervals(some) ? ["95 % intervals over questions"] : [])).joined(
        separator: ", "),
      panels: panels, legend: legend(lines(some)))
  }

  private func hasIntervals(_ rows: [SystemRow]) -> Bool { rows.contains { $0.metric("answer_f1")?.ci95?.count == 2 } }

  /// Answers against the time to the last token, documents against the time to the context.
  func qualityPanels(_ rows: [SystemRow]) -> [Plot.Panel] {
    let lines = lines(rows)
    let seconds = { (title: String) in Axis(title: title, scale: .logarithmic, unit: "s") }
    let score = { (title: String) in Axis(title: title, scale: .near, unit: "score") }
    let answers = ["answer_f1", "rouge_l", "context_overlap"].first { name in rows.contains { $0.value(name) != nil } }
    let titles = ["answer_f1": "answer F1", "rouge_l": "ROUGE-L", "context_overlap": "answer's words in context"]
    let found = SystemRow.title(of: "recall@", in: rows)
    return [
      answers.flatMap { name in
        panel(lines, x: seconds("E2E, median (log scale)"), y: score(titles[name] ?? name)) {
          $0.value("e2e_p50")
        } _: {
          $0.metric(name)
        }
      },
      found.flatMap { title in
        panel(lines, x: seconds("retrieval, median (log scale)"), y: score("\(title) of documents")) {
          $0.value("retrieve_p50")
        } _: {
          $0.metric("recall@")
        }
      },
    ].compactMap { $0 }
  }

  // MARK: Throughput against users

  private func throughput(_ load: String) -> Plot? {
    let panels = throughputPanels(load)
    guard !panels.isEmpty else { return nil }
    let some = rows.filter { !$0.labels.text(load).isEmpty }
    return Plot(
      name: fileName("throughput", load),
      title: "\(dataset): throughput and latency by \(Self.loadTitles[load] ?? load)",
      subtitle: subtitle(some, hidden: [load]) + ", each at its most careful search", panels: panels,
      legend: legend(lines(some)) + Self.quantiles(some))
  }

  static let loadTitles = ["users": "users", "rate": "questions asked a second"]

  /// Where there is more than the middle to tell apart.
  static func quantiles(_ rows: [SystemRow]) -> [Plot.LegendEntry] {
    rows.contains { $0.value("ttft_p99") != nil || $0.value("e2e_p99") != nil } ? quantiles : []
  }

  private static let quantiles = [
    Plot.LegendEntry(title: "p50", sign: .curve(SeriesStyle(color: "#444444", point: 7, dash: 1, width: 2))),
    Plot.LegendEntry(title: "p99", sign: .curve(SeriesStyle(color: "#444444", point: 6, dash: 2, width: 1.4))),
  ]

  /// None where the load does not vary.
  func throughputPanels(_ load: String) -> [Plot.Panel] {
    let some = rows.filter { Double($0.labels.text(load)) != nil }
    guard Set(some.map { $0.labels.text(load) }).count > 1 else { return [] }
    // Of several searches of one system, the last in order: a line has one point a load.
    let lines = lines(some).map { line in
      var line = line
      let last = Dictionary(line.rows.map { ($0.labels.text(load), $0) }, uniquingKeysWith: { $1 })
      line.rows = last.values.sorted { $0.labels.load < $1.labels.load }
      return line
    }
    let x = Axis(title: Self.loadTitles[load] ?? load, scale: .linear, unit: "1")
    let amount = { (row: SystemRow) in Double(row.labels.text(load)) }
    let rate = panel(lines, x: x, y: Axis(title: "questions/s", scale: .linear, unit: "1/s"), amount) {
      $0.metric("questions_per_second")?.plain
    }
    let latencies = [("ttft", "TTFT"), ("e2e", "E2E")].compactMap { name, title -> Plot.Panel? in
      let y = Axis(title: "\(title) (log scale)", scale: .logarithmic, unit: "s")
      let tails = lines.map { line in
        var line = line
        (line.style.dash, line.style.width, line.style.point) = (2, 1.4, line.style.point - 1)
        return line
      }
      let middle = panel(lines, x: x, y: y, amount) { $0.metric("\(name)_p50")?.plain }
      let tail = panel(tails, x: x, y: y, amount) { $0.metric("\(name)_p99")?.plain }
      guard case .curves(let first)? = middle?.content else { return nil }
      guard case .curves(let second)? = tail?.content else { return middle }
      return Plot.Panel(x: x, y: y, content: .curves(second + first))
    }
    return [rate].compactMap { $0 } + latencies
  }
}

extension MetricValue {
  /// Without its interval, for curves that would be crossed by them.
  var plain: MetricValue { MetricValue(value, unit: unit, better: better, kind: kind) }
}
