import RunStore

extension RagPlots {
  private static let mostOnPage = 8

  /// Everything at a glance: where the time goes, what it is worth, and what more users do to it.
  var page: Plot? {
    let light = SystemRow.atLightestLoad(rows).filter { $0.value("e2e_p50") != nil }
    guard !light.isEmpty else { return nil }
    // Of too many, those with the fewest answers: they differ in what is compared.
    let least = light.compactMap { Int($0.labels.text("n")) }.min()
    let few = light.count > Self.mostOnPage ? light.filter { Int($0.labels.text("n")) == least } : light
    let shown = Array(few.prefix(Self.mostOnPage))
    var panels: [Plot.Panel] = []
    var bands: [Plot.Band] = []
    func add(_ some: [Plot.Panel], titles: [String], rows: Int = 5, legend: [Plot.LegendEntry]) {
      guard !some.isEmpty else { return }
      bands.append(
        Plot.Band(
          panels: panels.count..<panels.count + some.count, height: Plot.bandHeight(rows: rows, legend: legend.count),
          legend: legend))
      panels += zip(some, titles).map { panel, title in
        var panel = panel
        panel.title = title
        return panel
      }
    }
    let left = light.count > shown.count ? ", \(shown.count) of \(light.count) cases" : ""
    let load = light[0].labels.loadName
    add(
      waterfallPanels(shown), titles: ["where the time goes" + (load.isEmpty ? "" : ", \(load)") + left, ""],
      rows: shown.count, legend: waterfallLegend(shown))
    add(
      qualityPanels(light), titles: ["answers against time", "documents against time"], legend: legend(lines(light)))
    let loaded = ["users", "rate"].lazy.map { ($0, self.throughputPanels($0)) }.first { !$0.1.isEmpty }
    if let (name, panels) = loaded {
      let some = rows.filter { !$0.labels.text(name).isEmpty }
      add(
        panels, titles: ["throughput", "first token", "whole answer"],
        legend: legend(lines(some)) + Self.quantiles(some))
    } else {
      add(
        ratePanels(shown), titles: ["throughput", "first token and whole answer, p50 to p99"],
        rows: shown.count,
        legend: [("TTFT", RagStage.firstToken.color), ("E2E", RagStage.decode.color)].map {
          Plot.LegendEntry(title: $0.0, sign: .box($0.1))
        })
    }
    return Plot(
      name: fileName(""), title: "\(dataset): retrieval-augmented generation at a glance", subtitle: subtitle(rows),
      panels: panels, legend: [], arrangement: .page(bands))
  }

  /// Questions a second, and latencies from their middle to their end, where there is but one load.
  private func ratePanels(_ rows: [SystemRow]) -> [Plot.Panel] {
    let names = SystemColumns(rows)
    let none = Axis(title: "", scale: .linear, unit: "")
    let rates = rows.map { row in
      let rate = row.value("questions_per_second") ?? 0
      return Plot.Bar(
        name: names.name(row), color: color(row), segments: [rate], label: HumanNumber.text(rate, unit: "1/s"))
    }
    let latencies = rows.map { row in
      Plot.RangeRow(
        name: names.name(row),
        marks: [("ttft", RagStage.firstToken.color), ("e2e", RagStage.decode.color)].compactMap { name, color in
          row.value("\(name)_p50").map {
            Plot.RangeRow.Mark(value: $0, reach: max($0, row.value("\(name)_p99") ?? $0), color: color)
          }
        }, label: "")
    }
    return [
      Plot.Panel(x: Axis(title: "questions/s", scale: .linear, unit: "1/s"), y: none, content: .bars(rates)),
      Plot.Panel(
        x: Axis(title: "latency (log scale)", scale: .logarithmic, unit: "s"), y: none, content: .ranges(latencies)),
    ]
  }

  /// How soon inserted documents were found.
  var freshness: Plot? {
    let some = rows.filter { $0.value("freshness_p50") != nil }
    guard !some.isEmpty else { return nil }
    let names = SystemColumns(some)
    let marks = some.map { row in
      let middle = row.value("freshness_p50") ?? 0
      let end = row.value("freshness_max") ?? row.value("freshness_p99") ?? middle
      return Plot.RangeRow(
        name: names.name(row), marks: [Plot.RangeRow.Mark(value: middle, reach: max(end, middle), color: color(row))],
        label: "\(HumanNumber.text(middle, unit: "s")) to \(HumanNumber.text(end, unit: "s"))")
    }
    return Plot(
      name: fileName("freshness"), title: "\(dataset): how soon inserted documents are found",
      subtitle: subtitle(some),
      panels: [
        Plot.Panel(
          x: Axis(
            title: "from the insert to the first search that finds it, p50 to max (log scale)", scale: .logarithmic,
            unit: "s"),
          y: Axis(title: "", scale: .linear, unit: ""), content: .ranges(marks))
      ], legend: [])
  }
}
