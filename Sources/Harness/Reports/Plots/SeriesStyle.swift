/// How one index is drawn: the same in every plot of a report.
struct SeriesStyle: Sendable, Equatable {
  /// "#RRGGBB".
  var color: String
  /// gnuplot's point type: filled for our own, open for peers.
  var point: Int
  /// Builds of one index after the first are dashed.
  var dash: Int
  var width: Double

  /// Okabe and Ito's colours without their yellow, which is hard to see on white, and three of Paul Tol's that stay apart
  /// from them under the common forms of colour blindness.
  static let palette = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#999933", "#777777", "#000000",
  ]
  private static let filled = [7, 5, 9, 13, 11, 15]
  private static let open = [6, 4, 8, 12, 10, 14, 2, 1, 3]

  /// Styles by the curves' names. Colours start anew in each family, since a plot shows one family where there are many;
  /// exact search, which goes along with any, takes them from the end.
  static func assigned(to curves: [SearchCurve], names: CurveNames) -> [String: SeriesStyle] {
    struct Index: Hashable {
      var engine: String
      var index: String
    }
    var colors: [IndexFamily: [Index]] = [:]
    var builds: [Index: Int] = [:]
    var shapes: [IndexFamily: [Bool: Int]] = [:]
    let together = Set(curves.map { Index(engine: $0.labels.engine, index: $0.labels.index) }).count <= palette.count
    var styles: [String: SeriesStyle] = [:]
    for curve in curves.sorted(by: { CaseLabels.precedes($0.labels.identity, $1.labels.identity) }) {
      let name = names.name(curve.labels)
      guard styles[name] == nil else { continue }
      let index = Index(engine: curve.labels.engine, index: curve.labels.index)
      let family = together ? IndexFamily.other : curve.family
      if colors[family]?.contains(index) != true { colors[family, default: []].append(index) }
      let place = colors[family]?.firstIndex(of: index) ?? 0
      let shape = shapes[family]?[curve.isOwn] ?? 0
      shapes[family, default: [:]][curve.isOwn] = shape + 1
      let points = curve.isOwn ? filled : open
      builds[index, default: 0] += 1
      styles[name] = SeriesStyle(
        color: (family == .exact ? palette.reversed() : palette)[place % palette.count],
        point: points[shape % points.count], dash: (builds[index] ?? 1) % 5, width: curve.isOwn ? 2.2 : 1.4)
    }
    return styles
  }
}
