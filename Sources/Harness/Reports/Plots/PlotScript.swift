import Foundation

/// A plot as gnuplot's commands: data go ahead in blocks, texts are literal (`noenhanced`), and every place is stated, so
/// that nothing overlaps whatever the data are.
struct PlotScript {
  enum Format: String, CaseIterable {
    case png, svg
  }

  /// Pixels of the SVG; the PNG has twice as many.
  static let width = 1000.0
  /// Title and subtitle, where that is one line.
  static let head = 70.0
  static let lineHeight = 17.0
  static let bottom = 64.0

  let plot: Plot
  let format: Format

  /// Upper edge of the first panel.
  var top: Double { Self.head + Self.lineHeight * Double(plot.subtitleLines.count - 1) }

  func commands(output: String) -> [String] {
    var lines = ["set encoding utf8", terminal, "set output \(Gnuplot.quoted(output))", "set multiplot"]
    lines += [
      "set border 3 lw 0.8 lc rgb '#555555'",
      "set tics nomirror out scale 0.6 textcolor rgb '#222222'",
      "set style fill solid 1 noborder",
      label(plot.title, x: 16, y: 22, size: 1.2),
    ]
    lines += plot.subtitleLines.enumerated().map { place, line in
      label(line, x: 16, y: 45 + Self.lineHeight * Double(place), size: 0.9, color: "#555555")
    }
    for number in plot.panels.indices {
      lines += panel(number)
      lines.append("unset label")
    }
    return lines + ["unset multiplot", "unset output"]
  }

  private var terminal: String {
    let (width, height) = (Int(Self.width), Int(plot.height))
    return switch format {
    case .png:
      "set terminal pngcairo noenhanced background rgb 'white' size \(2 * width),\(2 * height) font 'Sans,\(points(1))' "
        + "fontscale 2 linewidth 2 pointscale 2"
    case .svg:
      "set terminal svg noenhanced background rgb 'white' size \(width),\(height) font 'sans-serif,\(points(1))'"
    }
  }

  /// The unit of a font's size is not the same in the two terminals.
  func points(_ size: Double) -> String { String(format: "%g", (size * (format == .png ? 10 : 13)).rounded()) }

  /// Neither is the size of a point.
  func size(_ scale: Double) -> String { String(format: "ps %g", scale * (format == .png ? 0.8 : 0.7)) }

  /// A text at a place counted in pixels from the upper left corner.
  func label(_ text: String, x: Double, y: Double, size: Double, color: String = "#000000", upright: Bool = false)
    -> String
  {
    "set label \(Gnuplot.quoted(text)) at screen \(across(x)),\(up(y)) \(upright ? "center rotate by 90" : "left") "
      + "font ',\(points(size))' textcolor rgb '\(color)'"
  }

  func across(_ pixels: Double) -> String { String(format: "%.4f", pixels / Self.width) }

  func up(_ pixels: Double) -> String { String(format: "%.4f", 1 - pixels / plot.height) }

  /// About how wide a text is drawn, in pixels.
  static func width(of text: String) -> Double { Double(DisplayWidth.of(text)) * 7.9 }
}

// MARK: - Layout

extension PlotScript {
  private static let sign = 46.0
  static let valueAxis = 88.0
  private static let right = 22.0
  /// Between panels of a stack.
  private static let gap = 26.0

  /// Above the axes of a band: the panels' titles.
  static let bandTop = 34.0
  /// Above the first band, for the title of its panels.
  static let pageGap = 18.0

  /// The panels that stand beside each other with this one, itself among them, and what their legend says.
  private func row(of number: Int) -> (panels: Range<Int>, legend: [Plot.LegendEntry]) {
    guard case .page(let bands) = plot.arrangement, let band = bands.first(where: { $0.panels.contains(number) }) else {
      return (plot.panels.indices, plot.legend)
    }
    return (band.panels, band.legend)
  }

  /// What is written right of this panel: the last of a row carries the legend of all.
  func legend(of number: Int) -> [Plot.LegendEntry] {
    let row = row(of: number)
    return number == row.panels.upperBound - 1 ? row.legend : []
  }

  private func legendWidth(_ number: Int) -> Double {
    guard let longest = row(of: number).legend.map({ Self.width(of: $0.title) }).max() else { return 0 }
    return longest + Self.sign + 12
  }

  /// Whether this panel says what its rows, and those of the panels beside it, are.
  func hasNames(_ number: Int) -> Bool { number == row(of: number).panels.lowerBound }

  private func leftMargin(_ number: Int) -> Double {
    guard let names = plot.panels[number].content.rowNames else { return Self.valueAxis }
    return hasNames(number) ? 24 + (names.map { Self.width(of: $0) }.max() ?? 0) : 16
  }

  /// Left and right edge of a panel's axes, in pixels: all panels of a row are equally wide.
  func span(_ number: Int) -> (left: Double, right: Double) {
    let legendWidth = legendWidth(number)
    if case .stacked = plot.arrangement {
      return (Self.valueAxis, Self.width - legendWidth - Self.right)
    }
    let panels = row(of: number).panels
    let margins = panels.map(leftMargin)
    let free = Self.width - legendWidth - margins.reduce(0, +) - Self.right * Double(panels.count)
    let each = max(free / Double(panels.count), 60)
    let place = number - panels.lowerBound
    let left = margins[...place].reduce(0, +) + Double(place) * (each + Self.right)
    return (left, left + each)
  }

  /// Upper and lower edge of a panel's axes, in pixels from above.
  func band(_ number: Int) -> (top: Double, bottom: Double) {
    let bottom = plot.height - Self.bottom
    switch plot.arrangement {
    case .sideBySide: return (top, bottom)
    case .stacked:
      let each = (bottom - top + Self.gap) / Double(plot.panels.count)
      return (top + Double(number) * each, top + Double(number + 1) * each - Self.gap)
    case .page(let bands):
      var top = top + Self.pageGap
      for band in bands {
        if band.panels.contains(number) { return (top, top + band.height - Self.bandTop - Self.bottom) }
        top += band.height
      }
      return (top, bottom)
    }
  }

  /// Whether a panel's x axis is labelled: the lowest of a stack is for all.
  func hasValues(_ number: Int) -> Bool {
    guard case .stacked = plot.arrangement else { return true }
    return number == plot.panels.count - 1
  }

  /// Right of a row's last panel, at the height of its axes.
  func legendPlace(_ number: Int) -> String {
    "at screen \(across(Self.width - legendWidth(number))),\(up(legendTop(number) - 2))"
  }

  private func legendTop(_ number: Int) -> Double {
    guard case .page = plot.arrangement else { return top }
    return band(number).top
  }
}

extension Plot.Content {
  /// Names of the rows, for what is laid out in rows.
  fileprivate var rowNames: [String]? {
    switch self {
    case .curves: nil
    case .bars(let rows), .dots(let rows): rows.map(\.name)
    case .spans(let rows): rows.map(\.name)
    case .ranges(let rows): rows.map(\.name)
    }
  }
}
