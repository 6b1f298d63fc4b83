internal import Experiments
internal import RunStore
internal import Statistics

/// The metrics of a search case, from its stored passes alone.
struct SearchMetrics {
  private(set) var values: [String: MetricValue] = [:]

  /// - Parameter passes: pass 0 is the build, the others the repetitions.
  init(_ one: SearchCase, passes: [PassRecord], seed: UInt64) {
    let repetitions = passes.filter { $0.number > 0 }
    if let build = passes.first(where: { $0.number == 0 }) { values = BuildMetrics(builds: [build]).values }
    recall(one, repetitions, seed)
    rate(repetitions)
    values.merge(LatencyMetrics.of(repetitions, series: "latency", prefix: "latency")) { $1 }
    work(repetitions)
    if one.insertRate != nil { inserts(repetitions) }
  }

  private mutating func recall(_ one: SearchCase, _ passes: [PassRecord], _ seed: UInt64) {
    let name = "recall@\(one.k)"
    guard let recall = passes.first?.numbers("recall") else {
      let reason = "the base set changes while it is searched"
      values[name] = MetricValue(nil, unit: "ratio", better: .higher, kind: .quality, n: 0, reason: reason)
      return
    }
    var generator = SplitMix64(seed: seed)
    let interval = Bootstrap.interval(of: recall, .mean, using: &generator)
    values[name] = MetricValue(
      Descriptive.mean(recall), unit: "ratio", better: .higher, kind: .quality, ci95: interval?.bounds,
      n: recall.count)
    let low = Bootstrap.interval(of: recall, .quantile(0.05), using: &generator)
    values[name + "_p5"] = MetricValue(
      Quantile.value(0.05, of: recall), unit: "ratio", better: .higher, kind: .quality, ci95: low?.bounds,
      n: recall.count)
  }

  private mutating func rate(_ passes: [PassRecord]) {
    let rates = passes.compactMap { pass in
      pass.number("queries").flatMap { queries in pass.number("seconds").map { queries / $0 } }
    }
    values["qps"] = MetricValue(
      Descriptive.median(rates), unit: "1/s", better: .higher, kind: .timing,
      ci95: Quantile.medianInterval(of: rates)?.certainBounds, n: rates.count)
  }

  private mutating func work(_ passes: [PassRecord]) {
    func perQuery(_ series: String, _ name: String) {
      guard let pass = passes.first, let total = pass.number(series), let queries = pass.number("queries") else {
        return
      }
      values[name] = MetricValue(total / queries, unit: "1", better: .lower, kind: .count, n: Int(queries))
    }
    perQuery("distances", "distances_per_query")
    perQuery("visited", "visited_per_query")
    let overheads = passes.compactMap { $0.number("harness_overhead") }
    guard !overheads.isEmpty else { return }
    values["harness_overhead"] = MetricValue(
      Descriptive.median(overheads), unit: "s", better: .lower, kind: .timing, n: overheads.count)
  }

  private mutating func inserts(_ passes: [PassRecord]) {
    let rates = passes.compactMap { pass in
      pass.number("inserted").flatMap { inserted in pass.number("insert_seconds").map { inserted / $0 } }
    }
    values["achieved_insert_rate"] = MetricValue(
      Descriptive.median(rates), unit: "1/s", better: .higher, kind: .timing,
      ci95: Quantile.medianInterval(of: rates)?.certainBounds, n: rates.count)
    values["late_inserts"] = MetricValue(
      passes.compactMap { $0.number("late_inserts") }.reduce(0, +), unit: "1", better: .lower, kind: .timing,
      n: passes.count)
    values.merge(LatencyMetrics.of(passes, series: "insert_latency", prefix: "insert_latency")) { $1 }
  }
}
