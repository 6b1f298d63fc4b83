import RunStore

/// The plots of one set of requests: throughput against n, KV memory over time, and what sharing saves.
struct GeneratePlots {
  private let dataset: String
  private let sheets: [GenerateRow.Sheet]
  private let timelines: [String: KVTimelineSeries]

  /// - Parameters:
  ///   - cases: generate cases of one set of requests.
  ///   - timelines: by case id.
  init(_ cases: [LabeledCase], dataset: String, timelines: [String: KVTimelineSeries]) {
    self.dataset = dataset
    self.timelines = timelines
    sheets = GenerateRow.sheets(cases)
  }

  var plots: [Plot] {
    sheets.flatMap { sheet in [throughput(sheet), occupancy(sheet), saved(sheet)].compactMap { $0 } }
  }

  // MARK: Throughput against n

  private func throughput(_ sheet: GenerateRow.Sheet) -> Plot? {
    let lines = lines(sheet.rows) { $0.rate }
    guard lines.contains(where: { $0.rows.count > 1 }) else { return nil }
    let series = lines.map { line in
      let bounds = line.rows.compactMap { row -> ClosedRange<Double>? in
        guard let ci95 = row.record.metrics["output_tokens_per_second"]?.ci95, ci95.count == 2 else { return nil }
        return ci95[0]...ci95[1]
      }
      return Plot.Series(
        style: style(line.name, in: lines), x: line.rows.map { Double($0.n) }, y: line.rows.map { $0.rate ?? .nan },
        bounds: bounds.count == line.rows.count ? bounds : [])
    }
    return Plot(
      name: fileName("throughput", sheet.group), title: "\(dataset): output tokens per second against n",
      subtitle: subtitle(sheet),
      panels: [
        Plot.Panel(
          x: Axis(title: "outputs of each request", scale: .near, unit: "1"),
          y: Axis(title: "output tokens per second", scale: .linear, unit: "1/s"), content: .curves(series))
      ], legend: lines.map { Plot.LegendEntry(title: $0.name, sign: .curve(style($0.name, in: lines))) })
  }

  // MARK: KV memory over time

  /// More ups and downs than these cannot be told apart in a panel.
  private static let mostTimes = 80

  /// A panel for each policy at the largest n: of the budget, what is used and what of it somebody needs.
  private func occupancy(_ sheet: GenerateRow.Sheet) -> Plot? {
    let known = sheet.rows.filter { timelines[$0.record.id] != nil }
    guard let n = known.map(\.n).max() else { return nil }
    // One of each batching, the fastest: more panels would be too narrow to read.
    let members = ["static", "continuous", "paged"].compactMap { policy in
      known.filter { $0.n == n && $0.policy == policy }.max { ($0.rate ?? 0) < ($1.rate ?? 0) }
    }
    guard !members.isEmpty else { return nil }
    let used = SeriesStyle(color: "#56B4E9", point: 7, dash: 1, width: 1.6)
    let stored = SeriesStyle(color: "#D55E00", point: 7, dash: 1, width: 1.6)
    let longest = members.compactMap { timelines[$0.record.id]?.seconds.last }.max() ?? 1
    let panels = members.compactMap { row -> Plot.Panel? in
      guard let timeline = timelines[row.record.id]?.means(of: Self.mostTimes) else { return nil }
      // All panels over the same time, so that their widths can be compared.
      let ends = Plot.Series(style: used, x: [0, longest], y: [0, 1], marks: .extent)
      return Plot.Panel(
        x: Axis(title: row.name, scale: .linear, unit: "s"),
        y: Axis(
          title: row.record.id == members[0].record.id ? "share of the KV budget" : "", scale: .linear, unit: "score"),
        content: .curves([
          ends, Plot.Series(style: used, x: timeline.seconds, y: timeline.used, marks: .lines),
          Plot.Series(style: stored, x: timeline.seconds, y: timeline.stored, marks: .lines),
        ]))
    }
    return Plot(
      name: fileName("kv-occupancy", sheet.group), title: "\(dataset): KV memory over time, n = \(n)",
      subtitle: subtitle(sheet) + "; filled: with tokens that somebody needs", panels: panels,
      legend: [
        Plot.LegendEntry(title: "used", sign: .line(used)), Plot.LegendEntry(title: "filled", sign: .line(stored)),
      ])
  }

  // MARK: Memory saved by sharing

  private func saved(_ sheet: GenerateRow.Sheet) -> Plot? {
    let lines = lines(sheet.rows.filter { $0.policy == "paged" && !$0.setting.contains("sharing=false") }) {
      $0.value("kv_saved_by_sharing")
    }
    guard let first = lines.first, lines.contains(where: { $0.rows.count > 1 }) else { return nil }
    let measured = lines.map { line in
      Plot.Series(
        style: style(line.name, in: lines), x: line.rows.map { Double($0.n) },
        y: line.rows.map { ($0.value("kv_saved_by_sharing") ?? .nan) * 100 })
    }
    let gray = SeriesStyle(color: "#777777", point: 6, dash: 2, width: 1.6)
    let analytic = Plot.Series(
      style: gray, x: first.rows.map { Double($0.n) },
      y: first.rows.map { ($0.value("kv_saved_by_sharing_analytic") ?? .nan) * 100 }, marks: .lines)
    return Plot(
      name: fileName("saved-by-sharing", sheet.group), title: "\(dataset): KV memory saved by sharing against n",
      subtitle: subtitle(sheet),
      panels: [
        Plot.Panel(
          x: Axis(title: "outputs of each request", scale: .near, unit: "1"),
          y: Axis(title: "blocks saved, of those without sharing", scale: .linear, unit: "%"),
          content: .curves(measured + [analytic]))
      ],
      legend: lines.map { Plot.LegendEntry(title: $0.name, sign: .curve(style($0.name, in: lines))) }
        + [Plot.LegendEntry(title: "from the lengths alone", sign: .line(gray))])
  }

  // MARK: Lines

  /// Rows of one engine and policy over n, at most as many lines as a plot can show.
  private func lines(
    _ rows: [GenerateRow], value: (GenerateRow) -> Double?
  ) -> [(name: String, rows: [GenerateRow])] {
    let manySequences = Set(rows.map(\.sequences).filter { !$0.isEmpty }).count > 1
    var lines: [(name: String, rows: [GenerateRow])] = []
    for row in rows where value(row) != nil {
      let name = manySequences && !row.sequences.isEmpty ? "\(row.name) max_num_seqs=\(row.sequences)" : row.name
      if let place = lines.firstIndex(where: { $0.name == name }) {
        lines[place].rows.append(row)
      } else {
        lines.append((name, [row]))
      }
    }
    return Array(lines.prefix(PlotSet.most))
  }

  private func style(_ name: String, in lines: [(name: String, rows: [GenerateRow])]) -> SeriesStyle {
    let place = lines.firstIndex { $0.name == name } ?? 0
    let isOwn = lines[place].rows.first?.isOwn ?? true
    return SeriesStyle(
      color: SeriesStyle.palette[place % SeriesStyle.palette.count], point: isOwn ? [7, 5, 9, 13, 11][place % 5] : 6,
      dash: 1, width: isOwn ? 2.2 : 1.4)
  }

  private func subtitle(_ sheet: GenerateRow.Sheet) -> String {
    var facts = [sheet.group.model]
    if sheet.group.isSimulated { facts.append("simulated on \(sheet.group.device)") }
    if !sheet.group.threads.isEmpty {
      facts.append(sheet.group.threads == "1" ? "1 thread" : "\(sheet.group.threads) threads")
    }
    if let requests = sheet.label("requests").flatMap(Double.init) {
      facts.append("\(HumanNumber.grouped(requests)) requests")
    }
    if let budget = sheet.label("kv_memory") { facts.append("\(budget) for keys and values") }
    return facts.joined(separator: ", ")
  }

  /// "sharegpt-throughput-llama-13b-a100-40gb".
  private func fileName(_ kind: String, _ group: GenerateRow.Group) -> String {
    let several = Set(sheets.map(\.group.threads).filter { !$0.isEmpty }).count > 1
    return PlotSet.join(
      PlotSet.safe(dataset), kind, PlotSet.safe(group.model), PlotSet.safe(group.device),
      several && !group.threads.isEmpty ? "\(group.threads)-threads" : "")
  }
}
