import RunStore
import Statistics

/// The plots of one dataset.
struct PlotSet {
  static let most = 10

  let dataset: String
  let cases: [LabeledCase]
  let curves: [SearchCurve]
  let latencies: [String: Histogram]
  let names: CurveNames
  let styles: [String: SeriesStyle]

  init(dataset: String, cases: [LabeledCase], curves: [SearchCurve], latencies: [String: Histogram]) {
    self.dataset = dataset
    self.cases = cases
    self.curves = curves
    self.latencies = latencies
    names = CurveNames(curves.map(\.labels) + cases.filter { $0.labels.workload == "insert" }.map(\.labels))
    styles = SeriesStyle.assigned(to: curves, names: names)
  }

  /// Curves that share a plot: one set of conditions and, where there are many, one family.
  struct Sheet {
    var slug: String
    /// The slug without the conditions, for what does not depend on them.
    var withoutConditions: String
    var family: String?
    var curves: [SearchCurve]
  }

  var plots: [Plot] {
    sheets.flatMap { sheet in
      [throughput(sheet), latency(sheet), distribution(sheet)].compactMap { $0 }
    } + memory + inserts
  }

  var sheets: [Sheet] {
    var groups: [[CaseLabels.Parameter]] = []
    for curve in curves where !groups.contains(curve.labels.conditions) { groups.append(curve.labels.conditions) }
    return groups.flatMap { conditions in
      let members = curves.filter { $0.labels.conditions == conditions }
      let slug = Self.slug(conditions, among: groups)
      return Self.split(members).map { sheet in
        var sheet = sheet
        sheet.slug = Self.join(slug, sheet.withoutConditions)
        return sheet
      }
    }
  }

  /// By family, and large families in parts; exact search, a single point at recall 1, goes where there is room.
  private static func split(_ curves: [SearchCurve]) -> [Sheet] {
    guard curves.count > most else { return [Sheet(slug: "", withoutConditions: "", family: nil, curves: curves)] }
    let exact = curves.filter { $0.family == .exact }
    return IndexFamily.allCases.filter { $0 != .exact }.flatMap { family -> [Sheet] in
      let members = curves.filter { $0.family == family }
      let parts = (members.count + most - 1) / most
      return (0..<parts).map { part in
        let first = members.count * part / parts
        let some = Array(members[first..<members.count * (part + 1) / parts])
        let room = some.count + exact.count <= most
        return Sheet(
          slug: "", withoutConditions: join(family.slug, parts > 1 ? "\(part + 1)" : ""),
          family: parts > 1 ? "\(family.title) (\(part + 1) of \(parts))" : family.title,
          curves: some + (room ? exact : []))
      }
    }
  }

  func style(_ curve: SearchCurve) -> SeriesStyle {
    styles[names.name(curve.labels)] ?? SeriesStyle(color: SeriesStyle.palette[0], point: 7, dash: 1, width: 2)
  }

  func legend(_ curves: [SearchCurve]) -> [Plot.LegendEntry] {
    curves.map { Plot.LegendEntry(title: names.name($0.labels), sign: .curve(style($0))) }
  }

  /// "n 60 000 · d 784 · k 10 · 1 thread · single queries".
  func subtitle(_ labels: CaseLabels?, family: String? = nil) -> String {
    var parts = family.map { [$0] } ?? []
    if let count = DatasetSize.count(of: cases) { parts.append("n = \(HumanNumber.grouped(count))") }
    if let dimension = labels?.data.value("dimension") { parts.append("d = \(dimension)") }
    for condition in labels?.conditions ?? [] {
      switch condition.name {
      case "k": parts.append("k = \(condition.value)")
      case "threads": parts.append(condition.value == "1" ? "1 thread" : "\(condition.value) threads")
      case "mode": if condition.value == "single" { parts.append("one query a call") }
      case "batch": parts.append("\(condition.value) \(labels?.workload == "search" ? "queries" : "vectors") a call")
      default: parts.append("\(condition.name) \(condition.value)")
      }
    }
    return parts.joined(separator: ", ")
  }

  /// Of a name and what tells its plots apart: "sift-5k-recall-qps-threads-2-batch-100".
  func fileName(_ kind: String, _ slug: String) -> String { Self.join(Self.safe(dataset), kind, slug) }

  /// Of the conditions that are not the same in all groups.
  static func slug(_ conditions: [CaseLabels.Parameter], among groups: [[CaseLabels.Parameter]]) -> String {
    join(
      conditions.filter { condition in !groups.allSatisfy { $0.contains(condition) } && condition.value != "batch" }
        .map { $0.name == "mode" ? safe($0.value) : safe("\($0.name)-\($0.value)") })
  }

  static func join(_ parts: String...) -> String { join(parts) }

  private static func join(_ parts: [String]) -> String { parts.filter { !$0.isEmpty }.joined(separator: "-") }

  /// Letters, digits, dots and dashes, and no dot in front: a dataset may have been given as a path.
  static func safe(_ text: String) -> String {
    let last = (text.split(separator: "/").last.map(String.init) ?? text).replacing(" · ", with: "-")
    let kept = last.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_") ? $0 : "-" }
    return String(kept.drop { $0 == "." })
  }
}
