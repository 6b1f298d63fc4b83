import Foundation

/// A plot as gnuplot's commands: data go ahead in blocks, texts are literal (`noenhanced`), and every place is stated, so
/// that nothing overlaps whatever the data are.
struct PlotScript {
  enum Format: String, CaseIterable {
    case png, svg
  }

  /// Pixels of the SVG; the PNG has twice as many.
  static let width = 1000.0
  static let top = 70.0
  static let bottom = 64.0

  let plot: Plot
  let format: Format

  func commands(output: String) -> [String] {
    var lines = ["set encoding utf8", terminal, "set output \(Gnuplot.quoted(output))", "set multiplot"]
    lines += [
      "set border 3 lw 0.8 lc rgb '#555555'",
      "set tics nomirror out scale 0.6 textcolor rgb '#222222'",
      "set style fill solid 1 noborder",
      label(plot.title, x: 16, y: 22, size: 1.2),
      label(plot.subtitle, x: 16, y: 45, size: 0.9, color: "#555555"),
    ]
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

  private var legendWidth: Double {
    guard let longest = plot.legend.map({ Self.width(of: $0.title) }).max() else { return 0 }
    return longest + Self.sign + 12
  }

  private func leftMargin(_ number: Int) -> Double {
    switch plot.panels[number].content {
    case .curves: Self.valueAxis
    case .bars(let bars), .dots(let bars): number == 0 ? 24 + (bars.map { Self.width(of: $0.name) }.max() ?? 0) : 16
    }
  }

  /// Left and right edge of a panel's axes, in pixels: all panels are equally wide.
  func span(_ number: Int) -> (left: Double, right: Double) {
    guard plot.arrangement == .sideBySide else {
      return (Self.valueAxis, Self.width - legendWidth - Self.right)
    }
    let margins = plot.panels.indices.map(leftMargin)
    let count = Double(plot.panels.count)
    let free = Self.width - legendWidth - margins.reduce(0, +) - Self.right * count
    let each = max(free / count, 60)
    let left = margins[...number].reduce(0, +) + Double(number) * (each + Self.right)
    return (left, left + each)
  }

  /// Upper and lower edge of a panel's axes, in pixels from above.
  func band(_ number: Int) -> (top: Double, bottom: Double) {
    let bottom = plot.height - Self.bottom
    guard plot.arrangement == .stacked else { return (Self.top, bottom) }
    let each = (bottom - Self.top + Self.gap) / Double(plot.panels.count)
    return (Self.top + Double(number) * each, Self.top + Double(number + 1) * each - Self.gap)
  }

  /// Whether a panel's x axis is labelled: the lowest of a stack is for all.
  func hasValues(_ number: Int) -> Bool { plot.arrangement == .sideBySide || number == plot.panels.count - 1 }

  /// The legend stands right of the last panel.
  var legendPlace: String { "at screen \(across(Self.width - legendWidth)),\(up(Self.top - 2))" }
}
