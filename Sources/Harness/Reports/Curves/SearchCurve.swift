import RunStore
import Statistics

/// What one built index reaches over its search parameters, under one set of conditions.
struct SearchCurve: Sendable {
  /// Of the first case; its search parameters are not the curve's.
  var labels: CaseLabels
  var cases: [LabeledCase]
  /// The build that the searches ran on, where the run has it.
  var build: BuildFacts

  struct BuildFacts: Sendable, Equatable {
    var seconds: Double?
    var bytes: Double?
    var count: Double?

    var bytesPerVector: Double? {
      guard let bytes, let count, count > 0 else { return nil }
      return bytes / count
    }
  }

  /// A value read off a curve.
  struct Reading: Sendable, Equatable {
    var value: Double
    /// The sweep starts above this recall: the value is no worse than what a finer sweep would find.
    var isBound: Bool
  }

  var family: IndexFamily { IndexFamily(engine: labels.engine, index: labels.index) }
  var isOwn: Bool { labels.engine == "ragmeter" }

  /// The points with both a recall and this metric, of which none beats another.
  func front(_ metric: String) -> ParetoFront {
    let points = cases.compactMap { item -> (Double, Double)? in
      guard let recall = item.recall, let value = item.metric(metric) else { return nil }
      return (recall, value)
    }
    return ParetoFront(x: points.map(\.0), y: points.map(\.1), better: metric == "qps" ? .higher : .lower)
  }

  /// `metric` interpolated along the Pareto front; `nil` where the sweep does not reach `recall`.
  func reading(_ metric: String, at recall: Double) -> Reading? {
    let front = front(metric)
    guard let first = front.points.first, let value = front.y(at: recall) else { return nil }
    return Reading(value: value, isBound: family != .exact && first.x > recall)
  }

  /// The highest QPS at any recall: how exact indexes are compared.
  var bestQPS: Reading? {
    front("qps").points.map(\.y).max().map { Reading(value: $0, isBound: false) }
  }

  /// The case nearest above `recall`, or the best there is.
  func operatingPoint(at recall: Double) -> LabeledCase? {
    let measured = cases.filter { $0.recall != nil }
    let reaching = measured.filter { $0.recall! >= recall }
    return reaching.min { $0.recall! < $1.recall! } ?? measured.max { $0.recall! < $1.recall! }
  }
}

extension SearchCurve {
  /// All curves of a run, in the order of its rows.
  static func of(_ cases: [LabeledCase]) -> [SearchCurve] {
    var curves: [SearchCurve] = []
    var places: [CaseLabels: Int] = [:]
    for item in cases where item.isSearch && item.recall != nil && !item.labels.isNullIndex {
      var key = item.labels
      key.search = []
      key.workload = ""
      if let place = places[key] {
        curves[place].cases.append(item)
      } else {
        places[key] = curves.count
        curves.append(SearchCurve(labels: item.labels, cases: [item], build: BuildFacts()))
      }
    }
    for place in curves.indices { curves[place].build = facts(of: curves[place], among: cases) }
    return curves
  }

  private static func facts(of curve: SearchCurve, among cases: [LabeledCase]) -> BuildFacts {
    let wanted = curve.labels
    let builds = cases.filter {
      $0.labels.dataset == wanted.dataset && $0.labels.engine == wanted.engine && $0.labels.index == wanted.index
        && buildParameters($0.labels) == buildParameters(wanted)
    }
    // The searched build itself, another on as many threads, or else the one on the fewest.
    func distance(_ item: LabeledCase) -> Int {
      if item.labels.build == wanted.build, item.labels.conditions == wanted.conditions { return -2 }
      return buildThreads(item.labels) == buildThreads(wanted) ? -1 : buildThreads(item.labels)
    }
    let ranked = builds.sorted { distance($0) < distance($1) }
    func first(_ name: String) -> Double? { ranked.lazy.compactMap { $0.metric(name) }.first }
    return BuildFacts(
      seconds: first("insert_seconds"), bytes: first("index_bytes"), count: DatasetSize.count(of: builds))
  }

  private static let threads = "build_threads"

  private static func buildParameters(_ labels: CaseLabels) -> Set<CaseLabels.Parameter> {
    Set(labels.build.filter { $0.name != threads })
  }

  /// Insert cases call them `threads`.
  private static func buildThreads(_ labels: CaseLabels) -> Int {
    (labels.build.value(threads) ?? labels.condition("threads")).flatMap(Int.init) ?? 0
  }
}

/// How many vectors a dataset has, as its cases tell.
enum DatasetSize {
  /// From the label `n`, or else from the insert rate, which is vectors over seconds.
  static func count(of cases: [LabeledCase]) -> Double? {
    for item in cases {
      if let count = item.labels.data.value("n").flatMap(Double.init) { return count }
    }
    for item in cases {
      if let rate = item.metric("insert_rate"), let seconds = item.metric("insert_seconds") {
        return (rate * seconds).rounded()
      }
    }
    return nil
  }
}
