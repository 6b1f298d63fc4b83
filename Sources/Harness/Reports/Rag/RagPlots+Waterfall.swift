import RunStore

extension RagPlots {
  /// More rows than these go to a plot of their own.
  private static let mostRows = 14

  /// Where the time of a question goes: the stages as they follow each other, and each stage's length by itself, so that a
  /// search of microseconds is seen beside a generation of seconds.
  var waterfalls: [Plot] {
    let members = rows.filter { $0.value("e2e_p50") != nil }
    guard !members.isEmpty else { return [] }
    let parts = (members.count + Self.mostRows - 1) / Self.mostRows
    return (0..<parts).map { part in
      let some = Array(members[members.count * part / parts..<members.count * (part + 1) / parts])
      let count = parts > 1 ? " (\(part + 1) of \(parts))" : ""
      return Plot(
        name: fileName("waterfall", parts > 1 ? "\(part + 1)" : ""),
        title: "\(dataset): where the time of a question goes\(count)",
        subtitle: subtitle(some) + ", medians of each stage's beginning and length", panels: waterfallPanels(some),
        legend: waterfallLegend(some))
    }
  }

  func waterfallPanels(_ rows: [SystemRow]) -> [Plot.Panel] {
    let names = SystemColumns(rows)
    let none = Axis(title: "", scale: .linear, unit: "")
    let whole = rows.map { row in
      let end = row.value("e2e_p50") ?? 0
      let spans = RagStage.allCases.compactMap { stage -> Plot.SpanRow.Span? in
        guard let start = row.value(stage.start), let length = row.value(stage.p50) else { return nil }
        return Plot.SpanRow.Span(start: start, end: start + length, color: stage.color)
      }
      return Plot.SpanRow(
        name: names.name(row),
        spans: spans.isEmpty ? [Plot.SpanRow.Span(start: 0, end: end, color: RagStage.untoldColor)] : spans,
        label: HumanNumber.text(end, unit: "s"))
    }
    let lengths = rows.map { row in
      Plot.RangeRow(
        name: names.name(row),
        marks: RagStage.allCases.compactMap { stage in
          guard let length = row.value(stage.p50), length > 0 else { return nil }
          return Plot.RangeRow.Mark(
            value: length, reach: max(row.value(stage.p99) ?? length, length), color: stage.color)
        }, label: "")
    }
    let first = Plot.Panel(
      x: Axis(title: "since the question was to be asked", scale: .linear, unit: "s"), y: none, content: .spans(whole))
    guard lengths.contains(where: { !$0.marks.isEmpty }) else { return [first] }
    return [
      first,
      Plot.Panel(
        x: Axis(title: "length of each stage, p50 to p99 (log scale)", scale: .logarithmic, unit: "s"), y: none,
        content: .ranges(lengths)),
    ]
  }

  /// The stages that any row has.
  func waterfallLegend(_ rows: [SystemRow]) -> [Plot.LegendEntry] {
    let stages = RagStage.allCases.filter { stage in rows.contains { ($0.value(stage.p50) ?? 0) > 0 } }
    let untold = rows.contains { row in RagStage.allCases.allSatisfy { row.value($0.start) == nil } }
    return stages.map { Plot.LegendEntry(title: $0.title, sign: .box($0.color)) }
      + [
        Plot.LegendEntry(
          title: "waiting", sign: .line(SeriesStyle(color: "#999999", point: 0, dash: 1, width: 1)))
      ] + (untold ? [Plot.LegendEntry(title: "not told apart", sign: .box(RagStage.untoldColor))] : [])
  }
}
