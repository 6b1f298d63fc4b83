/// A figure: panels under one title, with one legend to their right.
struct Plot: Sendable {
  enum Arrangement: Sendable {
    case sideBySide
    /// Above each other, over the same span of x.
    case stacked
  }

  /// The file's name without its ending.
  var name: String
  var title: String
  var subtitle: String
  var panels: [Panel]
  var legend: [LegendEntry]
  var arrangement = Arrangement.sideBySide

  /// Taller than others only where many bars, or panels, need it.
  var height: Double {
    guard arrangement == .sideBySide else { return max(560, 134 + 160 * Double(panels.count)) }
    let bars = panels.map { panel in
      switch panel.content {
      case .curves: 0
      case .bars(let bars), .dots(let bars): bars.count
      }
    }
    return max(560, 134 + 24 * Double(bars.max() ?? 0))
  }

  struct Panel: Sendable {
    var x: Axis
    var y: Axis
    var content: Content
  }

  enum Content: Sendable {
    case curves([Series])
    case bars([Bar])
    /// Bars' ends alone, for an axis without a zero.
    case dots([Bar])
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

  struct LegendEntry: Sendable {
    enum Sign: Sendable {
      case curve(SeriesStyle)
      case line(SeriesStyle)
      case point(SeriesStyle)
      /// The segment of a bar with this number.
      case segment(Int)
    }
    var title: String
    var sign: Sign
  }
}
