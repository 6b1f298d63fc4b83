import RunStore
import Statistics

extension ServePlots {
  // MARK: Distributions

  /// Which shares of a distribution are drawn: each a pixel or so from the next.
  private static let shares = [0.0] + (1...99).map { Double($0) / 100 } + [0.995, 0.998, 0.999, 0.9995, 0.9999]

  /// Cumulative distributions of TTFT and of ITL under the heaviest load.
  func distribution(_ sheet: Sheet) -> Plot? {
    guard sheet.family != .sweep else { return nil }
    let lines = lines(sheet.busiest).filter { line in line.rows.contains { (series[$0.record.id]?.ttft.count ?? 0) > 1 }
    }
    guard !lines.isEmpty else { return nil }
    let kinds: [(title: String, path: KeyPath<ServeSeries, Histogram>)] = [("TTFT", \.ttft), ("ITL", \.itl)]
    let panels = kinds.map { title, path -> Plot.Panel in
      let curves = lines.compactMap { line -> Plot.Series? in
        guard let histogram = line.rows.lazy.compactMap({ series[$0.record.id]?[keyPath: path] }).first,
          histogram.count > 1
        else { return nil }
        // A share of which there is not one value says nothing.
        let shares = Self.shares.filter { (1 - $0) * Double(histogram.count) >= 1 }
        return Plot.Series(
          style: line.style, x: shares.map { Double(histogram.quantile($0) ?? 0) / 1e9 }, y: shares, marks: .lines)
      }
      return Plot.Panel(
        x: Axis(title: title, scale: .logarithmic, unit: "s"),
        y: Axis(title: title == "TTFT" ? "share no longer than that" : "", scale: .nines(cap: 4.2), unit: "percentile"),
        content: .curves(curves))
    }
    return Plot(
      name: fileName("distribution", sheet), title: "\(dataset): distribution of TTFT and ITL\(ofN(sheet))",
      subtitle: subtitle(sheet.busiest) + ", \(sheet.busiest.first?.load ?? "")", panels: panels,
      legend: lines.map { Plot.LegendEntry(title: $0.name, sign: .line($0.style)) })
  }

  // MARK: Over time

  /// More ups and downs than these cannot be told apart in a panel.
  private static let mostTimes = 120

  /// KV memory and queue as the server tells them, beside what the client has in flight, what comes, and how long it waited, in
  /// the first pass of the heaviest load.
  func timeline(_ sheet: Sheet) -> Plot? {
    guard sheet.family != .sweep else { return nil }
    let lines = lines(sheet.busiest).filter { line in line.rows.contains { series[$0.record.id] != nil } }
    let kinds: [(title: String, unit: String, path: KeyPath<ServeSeries, ServeSeries.Line>)] = [
      ("KV blocks used", "score", \.kv), ("waiting in server", "1", \.waiting),
      ("in flight", "1", \.inFlight), ("tokens/s", "1/s", \.tokens), ("TTFT", "s", \.ttftOverTime),
    ]
    var end = 0.0
    let drawn = kinds.compactMap { title, unit, path -> (title: String, unit: String, curves: [Plot.Series])? in
      let curves = lines.compactMap { line -> Plot.Series? in
        let known = line.rows.lazy.compactMap { series[$0.record.id]?[keyPath: path] }
        guard let drawn = known.first(where: { !$0.isEmpty })?.means(of: Self.mostTimes) else { return nil }
        return Plot.Series(style: line.style, x: drawn.seconds, y: drawn.values, marks: .lines)
      }
      end = max(end, curves.flatMap(\.x).max() ?? 0)
      return curves.isEmpty ? nil : (title, unit, curves)
    }
    guard !drawn.isEmpty else { return nil }
    let panels = drawn.map { title, unit, curves -> Plot.Panel in
      // All over the same time, so that what happens at once stands above each other.
      let ends = Plot.Series(style: curves[0].style, x: [0, end], y: [0, 0], marks: .extent)
      return Plot.Panel(
        x: Axis(title: "time", scale: .linear, unit: "s"), y: Axis(title: title, scale: .linear, unit: unit),
        content: .curves([ends] + curves))
    }
    var plot = Plot(
      name: fileName("timeline", sheet), title: "\(dataset): KV memory and queue over time\(ofN(sheet))",
      subtitle: subtitle(sheet.busiest) + ", \(sheet.busiest.first?.load ?? ""), first pass", panels: panels,
      legend: lines.map { Plot.LegendEntry(title: $0.name, sign: .line($0.style)) })
    plot.arrangement = .stacked
    return plot
  }
}
