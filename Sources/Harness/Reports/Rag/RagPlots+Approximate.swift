import RunStore

extension RagPlots {
  /// What a search parameter turned down costs: recall, answers and latency over it, beside exact search. A plot for each
  /// parameter of which a run has two values.
  var approximate: [Plot] {
    // Further answers to a question change nothing of what was found for it.
    let least = rows.compactMap { Int($0.labels.text("n")) }.min()
    let comparisons = ApproximateComparison.of(rows.filter { Int($0.labels.text("n")) == least })
    let members = comparisons.flatMap(\.approximate)
    let names = Set(members.flatMap { $0.labels.search.map(Self.name) })
    return names.sorted().compactMap { approximate($0, comparisons, members) }
  }

  private static func name(_ assignment: String) -> String { String(assignment.prefix { $0 != "=" }) }

  private static func value(_ name: String, of row: SystemRow) -> Double? {
    row.labels.search.first { Self.name($0) == name }.flatMap { Double($0.dropFirst(name.count + 1)) }
  }

  private func approximate(
    _ parameter: String, _ comparisons: [ApproximateComparison], _ members: [SystemRow]
  ) -> Plot? {
    let lines = lines(members.filter { Self.value(parameter, of: $0) != nil }).filter { line in
      Set(line.rows.compactMap { Self.value(parameter, of: $0) }).count > 1
    }
    let values = lines.flatMap { $0.rows.compactMap { Self.value(parameter, of: $0) } }
    guard let least = values.min(), let most = values.max() else { return nil }
    // Exact search of the same systems, as a line across.
    let exact = comparisons.filter { one in
      one.approximate.contains { row in lines.contains { $0.rows.contains { $0.record.id == row.record.id } } }
    }.compactMap(\.exact)
    let x = Axis(title: "\(parameter) (log scale)", scale: .logarithmic, unit: "1")
    let score = { (title: String) in Axis(title: title, scale: .near, unit: "score") }
    let seconds = { (title: String) in Axis(title: title, scale: .logarithmic, unit: "s") }
    let kinds: [(name: String, axis: Axis)] = [
      ("chunk_recall@", score("chunks found")), ("recall@", score("recall")), ("answer_f1", score("answer F1")),
      ("answers_changed", score("changed")), (RagStage.search.p50, seconds("search")), ("ttft_p50", seconds("TTFT")),
    ]
    let panels = kinds.compactMap { name, axis -> Plot.Panel? in
      guard
        var panel = panel(lines, x: x, y: axis, { Self.value(parameter, of: $0) }, { $0.metric(name)?.plain }),
        case .curves(let curves) = panel.content
      else { return nil }
      let across = exact.compactMap { row -> Plot.Series? in
        row.value(name).map {
          Plot.Series(
            style: SeriesStyle(color: color(row), point: 0, dash: 2, width: 1.6), x: [least, most], y: [$0, $0],
            marks: .lines)
        }
      }
      panel.content = .curves(across + curves)
      return panel
    }
    guard !panels.isEmpty else { return nil }
    let told = exact.reduce(into: [String: SystemRow]()) { $0[color($1)] = $0[color($1)] ?? $1 }.values
    var plot = Plot(
      name: fileName("approximate", PlotSet.safe(parameter)), title: "\(dataset): what a lower \(parameter) costs",
      subtitle: subtitle(lines.flatMap(\.rows)) + ", medians", panels: panels,
      legend: legend(lines)
        + told.sorted { $0.record.id < $1.record.id }.map {
          Plot.LegendEntry(
            title: self.lines([$0]).first?.name ?? $0.labels.index,
            sign: .line(SeriesStyle(color: color($0), point: 0, dash: 2, width: 1.6)))
        })
    plot.arrangement = .stacked
    return plot
  }
}
