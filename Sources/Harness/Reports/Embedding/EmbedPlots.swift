internal import RunStore

/// Tokens a second of every engine and precision, a panel for each number of threads.
struct EmbedPlots {
  private let dataset: String
  private let cases: [LabeledCase]
  private let groups: [(group: EmbedRow.Group, rows: [EmbedRow])]

  /// - Parameter cases: embed cases of one dataset.
  init(_ cases: [LabeledCase], dataset: String) {
    self.dataset = dataset
    self.cases = cases
    groups = EmbedRow.best(of: cases)
  }

  var plots: [Plot] {
    var sheets: [EmbedRow.Group] = []
    for (group, _) in groups {
      var sheet = group
      sheet.threads = 0
      if !sheets.contains(sheet) { sheets.append(sheet) }
    }
    return sheets.compactMap { sheet in
      plot(
        sheet,
        groups.filter { $0.group.cutting == sheet.cutting && $0.group.embedder == sheet.embedder }
          .sorted { $0.group.threads < $1.group.threads })
    }
  }

  private func plot(_ sheet: EmbedRow.Group, _ members: [(group: EmbedRow.Group, rows: [EmbedRow])]) -> Plot? {
    // One order for all panels, for only the first names its rows.
    var modes: [EmbedRow.Mode] = []
    for row in members.flatMap(\.rows) where !modes.contains(row.mode) { modes.append(row.mode) }
    guard !modes.isEmpty else { return nil }
    let engines = Set(modes.map(\.engine)).sorted {
      ($0 == "ragmeter" ? 0 : 1, $0) < ($1 == "ragmeter" ? 0 : 1, $1)
    }
    let panels = members.map { member in
      Plot.Panel(
        x: Axis(
          title: member.group.threads == 1
            ? "tokens per second, 1 thread" : "tokens per second, \(member.group.threads) threads",
          scale: .linear, unit: "1/s"),
        y: Axis(title: "", scale: .linear, unit: ""),
        content: .bars(modes.map { bar($0, member.rows, engines: engines) }))
    }
    var facts = [sheet.embedder]
    if let texts = cases.first?.record.labels["texts"].flatMap(Double.init) {
      facts.append("\(HumanNumber.grouped(texts)) texts")
    }
    if !sheet.cutting.isEmpty { facts.append(sheet.cutting) }
    let name = [sheet.embedder, sheet.cutting].filter { !$0.isEmpty }.joined(separator: "-")
    return Plot(
      name: PlotSet.join(PlotSet.safe(dataset), "embed", PlotSet.safe(name.replacing("=", with: "-"))),
      title: "\(dataset): embedding speed",
      subtitle: facts.joined(separator: ", ") + ", best batch; in brackets the smallest cosine to float32",
      panels: panels, legend: [])
  }

  private func bar(_ mode: EmbedRow.Mode, _ rows: [EmbedRow], engines: [String]) -> Plot.Bar {
    let row = rows.first { $0.mode == mode }
    let place = engines.firstIndex(of: mode.engine) ?? 0
    let rate = row?.rate.map { HumanNumber.text($0, unit: "1/s") } ?? "not measured"
    let cosine = row?.value("cosine_min").map { " (\(EmbedRatioTable.cosine($0).text))" } ?? ""
    return Plot.Bar(
      name: mode.name, color: SeriesStyle.palette[place % SeriesStyle.palette.count], segments: [row?.rate ?? 0],
      label: rate + cosine)
  }
}
