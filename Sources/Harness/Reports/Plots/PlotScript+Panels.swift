import Foundation

extension PlotScript {
  /// Data blocks by name, to be sent before the commands.
  static func blocks(of plot: Plot) -> [(name: String, columns: [[Double]])] {
    plot.panels.enumerated().flatMap { number, panel in
      switch panel.content {
      case .curves(let series):
        series.enumerated().map { place, one in
          (
            block(number, place),
            [one.x.map(panel.x.position), one.y.map(panel.y.position)]
              + (one.bounds.isEmpty
                ? []
                : [
                  one.bounds.map { panel.y.position($0.lowerBound) },
                  one.bounds.map { panel.y.position($0.upperBound) },
                ])
          )
        }
      case .bars(let bars), .dots(let bars):
        bars.enumerated().map { row, bar in
          let place = Double(bars.count - row)
          // Few bars are no fatter than many.
          let half = min(0.34, 0.032 * Double(bars.count))
          let ends = bar.segments.indices.map { bar.segments[...$0].reduce(0, +) }
          let starts = [0] + ends.dropLast()
          return (
            block(number, row),
            [starts, ends].map { $0.map(panel.x.position) }
              + [place - half, place + half, place].map { row in
                ends.map { _ in row }
              }
          )
        }
      case .spans(let rows):
        rows.enumerated().map { (block(number, $0), columns($1, place: Double(rows.count - $0), panel.x)) }
      case .ranges(let rows):
        rows.enumerated().map { (block(number, $0), columns($1, place: Double(rows.count - $0), panel.x)) }
      }
    }
  }

  static func block(_ panel: Int, _ series: Int) -> String { "panel\(panel)series\(series)" }

  func panel(_ number: Int) -> [String] {
    let panel = plot.panels[number]
    let span = span(number)
    let band = band(number)
    let legend = legend(of: number)
    var lines = [
      "set lmargin at screen \(across(span.left))", "set rmargin at screen \(across(span.right))",
      "set tmargin at screen \(up(band.top))", "set bmargin at screen \(up(band.bottom))",
      !legend.isEmpty
        ? "set key \(legendPlace(number)) left top vertical maxcols 1 Left reverse samplen 2.4 spacing 1.25 width 0 font ',\(points(0.95))'"
        : "unset key",
    ]
    if !panel.title.isEmpty { lines.append(label(panel.title, x: span.left, y: band.top - 15, size: 1)) }
    var commands: [String]
    switch panel.content {
    case .curves(let series):
      lines += axis(
        "x", panel.x, values: series.flatMap(\.x), length: span.right - span.left, hasLabels: hasValues(number))
      lines += axis(
        "y", panel.y, values: series.flatMap { $0.y + $0.bounds.flatMap { [$0.lowerBound, $0.upperBound] } },
        length: band.bottom - band.top)
      lines.append(
        label(
          panel.y.title, x: span.left - Self.valueAxis + 14, y: (band.top + band.bottom) / 2, size: 1,
          upright: true))
      commands = series.indices.filter { series[$0].marks != .extent }.flatMap { place in
        intervals(series[place], block: Self.block(number, place))
          + [curve(series[place], block: Self.block(number, place))]
      }
    case .bars(let bars):
      // Room for the label behind each bar.
      let length = span.right - span.left
      let reaches = bars.map { bar in
        bar.segments.reduce(0, +) / (1 - min(0.6, (Self.width(of: bar.label) + 16) / length))
      }
      lines += rows(bars, panel.x, values: reaches, number)
      commands = bars.indices.flatMap { bar(bars[$0], block: Self.block(number, $0)) }
    case .dots(let bars):
      let values = bars.map { $0.segments.reduce(0, +) }
      // Room for the label of the farthest.
      let reach = (values.max() ?? 1) * pow((values.max() ?? 1) / max(values.min() ?? 1, .leastNonzeroMagnitude), 0.2)
      lines += rows(bars, panel.x, values: values + [reach], number)
      let start = panel.x.range(of: values + [reach]).lowerBound
      commands = bars.indices.flatMap { row in
        let block = "$\(Self.block(number, row)) using"
        return [
          "\(block) (\(start)):5:($2-(\(start))):(0) with vectors nohead lc rgb '#CCCCCC' lw 1 notitle",
          "\(block) 2:5 with points lc rgb '\(bars[row].color)' pt 7 \(size(1.1)) notitle",
        ]
      }
    case .spans(let rows):
      (lines, commands) = spans(rows, number, after: lines)
    case .ranges(let rows):
      (lines, commands) = ranges(rows, number, after: lines)
    }
    lines.append(
      hasValues(number) ? "set xlabel \(Gnuplot.quoted(panel.x.title)) offset 0,0.2" : "unset xlabel")
    commands += legend.map(entry)
    return lines + ["plot " + commands.joined(separator: ", ")]
  }

  /// What bars and dots share: their names, their values in words, and the axis.
  private func rows(_ bars: [Plot.Bar], _ x: Axis, values: [Double], _ number: Int) -> [String] {
    let labels = bars.enumerated().map { row, bar in
      rowLabel(bar.label, at: x.position(bar.segments.reduce(0, +)), row: bars.count - row)
    }
    // Values are written out: a grid would only cross them.
    return rowAxes(bars.map(\.name), x, values: values, number) + ["set grid noxtics noytics"] + labels
  }

  /// A value in words, behind what is drawn of its row.
  func rowLabel(_ text: String, at position: Double, row: Int) -> String {
    "set label \(Gnuplot.quoted(text)) at \(position),\(row) left offset 0.8,0 font ',\(points(0.85))'"
  }

  /// The axis of what is laid out in rows, and the rows' names.
  func rowAxes(_ names: [String], _ x: Axis, values: [Double], _ number: Int) -> [String] {
    let span = span(number)
    return axis("x", x, values: values, length: span.right - span.left) + self.names(names, shown: hasNames(number))
  }

  private func axis(
    _ letter: String, _ axis: Axis, values: [Double], length: Double, hasLabels: Bool = true
  ) -> [String] {
    let range = axis.range(of: values)
    let ticks = axis.ticks(in: range, length: length, alongText: letter == "x").map { tick in
      "\(Gnuplot.quotedTick(hasLabels ? tick.label : "")) \(tick.position) \(tick.label.isEmpty ? 1 : 0)"
    }
    return [
      "set \(letter)range [\(range.lowerBound):\(range.upperBound)]",
      "set \(letter)tics scale 0.6 (\(ticks.joined(separator: ", ")))",
      "set grid \(letter)tics lt 1 lw 0.6 lc rgb '#DDDDDD'",
    ]
  }

  private func names(_ names: [String], shown: Bool) -> [String] {
    let ticks = names.enumerated().map { row, name in
      "\(Gnuplot.quotedTick(shown ? name : "")) \(names.count - row)"
    }
    return [
      "set yrange [0.4:\(Double(names.count) + 0.6)]", "set ytics scale 0 (\(ticks.joined(separator: ", ")))",
    ]
  }

  private func curve(_ series: Plot.Series, block: String) -> String {
    let style = series.style
    let line = "lc rgb '\(style.color)' lw \(style.width) dt \(style.dash)"
    return switch series.marks {
    case .linesAndPoints: "$\(block) using 1:2 with linespoints \(line) pt \(style.point) \(size(1)) notitle"
    case .lines: "$\(block) using 1:2 with lines \(line) notitle"
    case .points: "$\(block) using 1:2 with points lc rgb '\(style.color)' pt \(style.point) \(size(1.1)) notitle"
    case .faintPoints, .extent:
      "$\(block) using 1:2 with points lc rgb '\(faint(style.color))' pt \(style.point) \(size(0.5)) notitle"
    }
  }

  private func intervals(_ series: Plot.Series, block: String) -> [String] {
    series.bounds.isEmpty
      ? [] : ["$\(block) using 1:2:3:4 with yerrorbars lc rgb '\(faint(series.style.color))' lw 1 pt -1 notitle"]
  }

  private func bar(_ bar: Plot.Bar, block: String) -> [String] {
    bar.segments.indices.map { segment in
      "$\(block) every ::\(segment)::\(segment) using 2:3:1:2:3:4 with boxxyerror lc rgb '\(bar.color)' "
        + "fillstyle \(fill(segment, of: bar.segments.count)) notitle"
    }
  }

  /// Segments of one bar are shades of one colour, the last the fullest.
  private func fill(_ segment: Int, of count: Int) -> String {
    let shade = count == 1 ? 0.85 : [0.35, 0.85, 0.6][segment % 3]
    return "solid \(shade) noborder"
  }

  private func entry(_ entry: Plot.LegendEntry) -> String {
    let title = "title \(Gnuplot.quoted(entry.title))"
    return switch entry.sign {
    case .curve(let style):
      "keyentry with linespoints lc rgb '\(style.color)' lw \(style.width) dt \(style.dash) pt \(style.point) \(size(1)) \(title)"
    case .point(let style):
      "keyentry with points lc rgb '\(style.color)' pt \(style.point) \(size(1.1)) \(title)"
    case .line(let style): "keyentry with lines lc rgb '\(style.color)' lw \(style.width) dt \(style.dash) \(title)"
    case .box(let color): "keyentry with boxes lc rgb '\(color)' fillstyle solid 1 noborder \(title)"
    case .segment(let number): "keyentry with boxes lc rgb '#444444' fillstyle \(fill(number, of: 3)) \(title)"
    }
  }

  /// The colour mixed with white.
  private func faint(_ color: String) -> String {
    guard let value = UInt32(color.dropFirst(), radix: 16) else { return color }
    let channels = [16, 8, 0].map { (shift: UInt32) -> UInt32 in ((value >> shift & 255) + 2 * 255) / 3 }
    return "#" + channels.map { String(format: "%02X", $0) }.joined()
  }
}
