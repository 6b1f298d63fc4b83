/// A figure: panels under one title, with one legend to their right.
struct Plot: Sendable {
  enum Arrangement: Sendable {
    case sideBySide
    /// Above each other, over the same span of x.
    case stacked
    /// Bands under each other, each of panels side by side with their own legend; together they hold every panel once.
    case page([Band])
  }

  /// The file's name without its ending.
  var name: String
  var title: String
  var subtitle: String
  var panels: [Panel]
  var legend: [LegendEntry]
  var arrangement = Arrangement.sideBySide

  /// Panels of a page that stand side by side.
  struct Band: Sendable {
    var panels: Range<Int>
    /// Pixels, with the panels' titles and the labels of their axes.
    var height: Double
    var legend: [LegendEntry]
  }

  struct Panel: Sendable {
    var x: Axis
    var y: Axis
    var content: Content
    /// Above the panel; empty where the figure's own says it.
    var title = ""
  }

  enum Content: Sendable {
    case curves([Series])
    case bars([Bar])
    /// Bars' ends alone, for an axis without a zero.
    case dots([Bar])
    /// What happened one after the other.
    case spans([SpanRow])
    /// Values and how far they reach.
    case ranges([RangeRow])
  }

  struct Series: Sendable {
    var style: SeriesStyle
    var x: [Double]
    var y: [Double]
    var marks: Marks = .linesAndPoints
    /// Intervals of y, drawn as bars: one a point, or none at all.
    var bounds: [ClosedRange<Double>] = []

    enum Marks: Sendable {
      case linesAndPoints, lines, points
      /// What was measured and is beaten by other points of the same curve.
      case faintPoints
      /// Nothing is drawn: the axes reach so far.
      case extent
    }
  }

  /// A horizontal bar in segments, from the left; the value is written at its end.
  struct Bar: Sendable {
    var name: String
    var color: String
    var segments: [Double]
    var label: String
  }

  /// Spans along a thin line from 0 to the last of them, behind which the value is written.
  struct SpanRow: Sendable {
    struct Span: Sendable {
      var start: Double
      var end: Double
      var color: String
    }
    var name: String
    var spans: [Span]
    var label: String
  }

  /// Marks under each other, a lane each: a dot at the value and a line to where it reaches.
  struct RangeRow: Sendable {
    struct Mark: Sendable {
      var value: Double
      var reach: Double
      var color: String
    }
    var name: String
    var marks: [Mark]
    /// Behind the farthest reach.
    var label: String
  }

  struct LegendEntry: Sendable {
    enum Sign: Sendable {
      case curve(SeriesStyle)
      case line(SeriesStyle)
      case point(SeriesStyle)
      /// The segment of a bar with this number.
      case segment(Int)
      /// A filled box of this colour.
      case box(String)
    }
    var title: String
    var sign: Sign
  }
}

// MARK: - Heights

extension Plot {
  /// Taller than others only where many rows, or panels, need it.
  var height: Double {
    let further = PlotScript.lineHeight * Double(subtitleLines.count - 1)
    return switch arrangement {
    case .sideBySide: further + max(panels.map(Self.height).max() ?? 0, 134 + Self.entryHeight * Double(legend.count))
    case .stacked: further + max(560, 134 + 160 * Double(panels.count))
    case .page(let bands):
      further + PlotScript.head - PlotScript.bandTop + PlotScript.pageGap + bands.map(\.height).reduce(0, +)
    }
  }

  /// The subtitle, as wide as the figure allows, broken behind its commas.
  var subtitleLines: [String] {
    let parts = subtitle.replacing(" ", with: "\u{A0}").replacing(",\u{A0}", with: ", ")
    return DisplayWidth.wrapped(parts, to: 145).map { $0.replacing("\u{A0}", with: " ") }
  }

  private static func height(_ panel: Panel) -> Double {
    switch panel.content {
    case .curves: 560
    case .bars(let bars), .dots(let bars): max(560, 134 + 24 * Double(bars.count))
    case .spans(let rows): rowsHeight(rows.count)
    case .ranges(let rows): rowsHeight(rows.count)
    }
  }

  /// Of a panel whose rows are as far apart as their lanes need.
  private static func rowsHeight(_ count: Int) -> Double { max(280, 134 + rowHeight * Double(count)) }

  /// Of a row whose lanes can be told apart, and of an entry of a legend, which is cut off where a panel is lower.
  private static let rowHeight = 44.0
  private static let entryHeight = 21.0

  /// Of a band of rows with its legend.
  static func bandHeight(rows: Int, legend: Int) -> Double {
    PlotScript.bandTop + PlotScript.bottom + max(rowHeight * Double(rows), entryHeight * Double(legend), 110)
  }
}
