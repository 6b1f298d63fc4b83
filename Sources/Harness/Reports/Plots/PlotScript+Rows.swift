import Foundation

/// Spans and ranges: what is laid out in rows besides bars and dots.
extension PlotScript {
  /// Start and end of each span, the edges of its box, and the row's middle.
  static func columns(_ row: Plot.SpanRow, place: Double, _ x: Axis) -> [[Double]] {
    let half = 0.3
    return [row.spans.map { x.position($0.start) }, row.spans.map { x.position($0.end) }]
      + [place - half, place + half, place].map { y in row.spans.map { _ in y } }
  }

  /// Value and reach of each mark, and its lane.
  static func columns(_ row: Plot.RangeRow, place: Double, _ x: Axis) -> [[Double]] {
    let step = min(0.13, 0.8 / Double(max(row.marks.count, 1)))
    let middle = Double(row.marks.count - 1) / 2
    return [
      row.marks.map { x.position($0.value) }, row.marks.map { x.position(max($0.reach, $0.value)) },
      row.marks.indices.map { place + (middle - Double($0)) * step },
    ]
  }

  func spans(_ rows: [Plot.SpanRow], _ number: Int, after head: [String]) -> (lines: [String], commands: [String]) {
    let x = plot.panels[number].x
    let length = span(number).right - span(number).left
    let ends = rows.map { $0.spans.map(\.end).max() ?? 0 }
    // Room for the label behind each row.
    let reaches = zip(rows, ends).map { row, end in
      x.position(end) / (1 - min(0.6, (Self.width(of: row.label) + 16) / length))
    }
    let range = x.range(of: reaches)
    // What is shorter than the eye can see is still there.
    let least = (range.upperBound - range.lowerBound) / length * 1.5
    let lines =
      head + rowAxes(rows.map(\.name), x, values: reaches, number)
      + ["set grid xtics lt 1 lw 0.6 lc rgb '#DDDDDD'", "set grid noytics"]
      + rows.indices.map { rowLabel(rows[$0].label, at: x.position(ends[$0]), row: rows.count - $0) }
    let commands = rows.indices.flatMap { row -> [String] in
      let block = "$\(Self.block(number, row))"
      let line =
        "\(block) every ::0::0 using (0):5:(\(x.position(ends[row]))):(0) with vectors nohead lc rgb '#999999' lw 1"
      return ["\(line) notitle"]
        + rows[row].spans.indices.map { place in
          let end = "($2-$1<\(least)?$1+\(least):$2)"
          return "\(block) every ::\(place)::\(place) using 2:5:1:\(end):3:4 with boxxyerror lc rgb "
            + "'\(rows[row].spans[place].color)' fillstyle solid 1 noborder notitle"
        }
    }
    return (lines, commands)
  }

  func ranges(_ rows: [Plot.RangeRow], _ number: Int, after head: [String]) -> (lines: [String], commands: [String]) {
    let x = plot.panels[number].x
    let length = span(number).right - span(number).left
    let values = rows.flatMap { $0.marks.flatMap { [$0.value, $0.reach] } }.filter { x.position($0).isFinite }
    let longest = rows.map { Self.width(of: $0.label) }.max() ?? 0
    var room: [Double] = []
    if longest > 0, let least = values.min(), let most = values.max() {
      let share = min(0.6, (longest + 16) / length)
      switch x.scale {
      case .logarithmic: room = [most * pow(max(most / least, 3), share / (1 - share))]
      case .linear, .near, .nines: room = [most / (1 - share)]
      }
    }
    let lines =
      head + rowAxes(rows.map(\.name), x, values: values + room, number)
      + ["set grid xtics lt 1 lw 0.6 lc rgb '#DDDDDD'", "set grid noytics"]
      + rows.indices.compactMap { row in
        rows[row].marks.map(\.reach).max().map { rowLabel(rows[row].label, at: x.position($0), row: rows.count - row) }
      }
    let commands = rows.indices.flatMap { row in
      rows[row].marks.indices.flatMap { place -> [String] in
        let some = "$\(Self.block(number, row)) every ::\(place)::\(place) using"
        let color = rows[row].marks[place].color
        return [
          "\(some) 1:3:($2-$1):(0) with vectors nohead lc rgb '\(color)' lw 1.4 notitle",
          "\(some) 1:3 with points lc rgb '\(color)' pt 7 \(size(0.8)) notitle",
        ]
      }
    }
    return (lines, commands)
  }
}
