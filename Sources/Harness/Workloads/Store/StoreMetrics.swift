internal import RunStore
internal import Statistics

/// The metrics of a store case, from its stored passes alone.
struct StoreMetrics {
  private(set) var values: [String: MetricValue]
  private let patience: Double
  private let reasons: [String: String]

  /// - Parameters:
  ///   - passes: pass 0 is the filling, then come the repetitions, and then what was done after them.
  ///   - reasons: why something could not be measured, by what it is.
  init(_ one: StoreCase, _ section: StoreSection, passes: [PassRecord], reasons: [String: String], seed: UInt64) {
    let repetitions = passes.filter { $0.number > 0 && $0.number <= section.repetitions }
    values = SearchMetrics(one.asSearch, passes: repetitions, seed: seed).values
    patience = section.patience
    self.reasons = reasons
    shortAnswers(one, repetitions)
    if let fill = passes.first(where: { $0.number == 0 }) { filling(fill) }
    let last = passes.first { $0.number > section.repetitions } ?? PassRecord(number: 0, samples: [:])
    if section.probes > 0 { visibility(last) }
    if section.churn > 0 { churn(one, last, seed) }
  }

  private mutating func shortAnswers(_ one: StoreCase, _ passes: [PassRecord]) {
    guard let hits = passes.first?.numbers("hits") else { return }
    values["short_answers"] = MetricValue(
      Descriptive.mean(hits.map { $0 < Double(one.k) ? 1 : 0 }), unit: "ratio", better: .lower, kind: .quality,
      n: hits.count)
  }

  private mutating func filling(_ fill: PassRecord) {
    let add = fill.numbers("add_seconds") ?? []
    let optimize = fill.numbers("optimize_seconds") ?? []
    let total = zip(add, optimize).map { $0 + $1 }
    median("insert_seconds", total, unit: "s", better: .lower)
    median("add_seconds", add, unit: "s", better: .lower)
    median("optimize_seconds", optimize, unit: "s", better: .lower)
    if let rows = fill.number("rows") {
      median("insert_rate", total.map { $0 > 0 ? rows / $0 : .nan }, unit: "1/s", better: .higher)
    }
    values.merge(LatencyMetrics.of([fill], series: "insert_batch", prefix: "insert_batch")) { $1 }
    let bytes = fill.numbers("disk_bytes") ?? []
    values["disk_bytes"] = MetricValue(
      Descriptive.median(bytes), unit: "B", better: .lower, kind: .size, n: bytes.count,
      reason: bytes.isEmpty ? "the store cannot tell" : nil)
  }

  private mutating func median(_ name: String, _ found: [Double], unit: String, better: MetricValue.Direction) {
    values[name] = MetricValue(
      Descriptive.median(found), unit: unit, better: better, kind: .timing,
      ci95: Quantile.medianInterval(of: found)?.certainBounds, n: found.count)
  }

  private mutating func visibility(_ pass: PassRecord) {
    let found = pass.numbers("visibility") ?? []
    let missing = found.isEmpty ? reasons["visibility"] ?? "it was not measured" : nil
    censored("visibility", found, missing: missing, what: "found")
    values["read_after_write"] = MetricValue(
      found.isEmpty ? nil : (pass.number("found_at_once") ?? 0) / Double(found.count), unit: "ratio", better: .higher,
      kind: .quality, n: found.count, reason: missing)
    single("look", pass, as: "visibility_look_p50", missing: missing)
    single("probe_insert", pass, as: "insert_one_p50", missing: missing)
    let noDelete = missing ?? reasons["delete"]
    let gone = pass.numbers("delete_visibility") ?? []
    censored(
      "delete_visibility", gone, missing: gone.isEmpty ? noDelete ?? "no row was found that could be gone" : nil,
      what: "gone")
    single("probe_delete", pass, as: "delete_one_p50", missing: noDelete)
  }

  /// Quantiles of nanoseconds some of which are −1: later than patience lasted.
  private mutating func censored(_ name: String, _ nanoseconds: [Double], missing: String?, what: String) {
    let sorted = nanoseconds.map { $0 < 0 ? .infinity : $0 / 1e9 }.sorted()
    let late = sorted.count { $0 == .infinity }
    for (suffix, q, needed) in [("p50", 0.5, 1), ("p99", 0.99, 100), ("max", 1.0, 1)] {
      var reason = missing
      var value: Double?
      if missing == nil {
        // The order statistic itself: between a number and what was never seen nothing can be interpolated.
        let place = min(sorted.count - 1, max(0, Int((q * Double(sorted.count)).rounded(.up)) - 1))
        if sorted.count < needed {
          reason = "\(sorted.count) rows; at least \(needed) are needed"
        } else if sorted[place] == .infinity {
          reason = "\(late) of \(sorted.count) rows were not \(what) within \(patience) s"
        } else {
          value = sorted[place]
        }
      }
      values["\(name)_\(suffix)"] = MetricValue(
        value, unit: "s", better: .lower, kind: .timing, n: sorted.count, reason: reason)
    }
  }

  private mutating func single(_ series: String, _ pass: PassRecord, as name: String, missing: String?) {
    let found = (pass.numbers(series) ?? []).map { $0 / 1e9 }
    values[name] = MetricValue(
      Descriptive.median(found), unit: "s", better: .lower, kind: .timing,
      ci95: Quantile.medianInterval(of: found)?.certainBounds, n: found.count,
      reason: found.isEmpty ? missing ?? "it was not measured" : nil)
  }

  private mutating func churn(_ one: StoreCase, _ pass: PassRecord, _ seed: UInt64) {
    let rows = pass.number("churned")
    let failed = reasons["churn"] ?? "it was not measured"
    for (name, series, kind) in [
      ("upsert_rate", "upsert_batch", "upsert"), ("delete_rate", "delete_batch", "delete"),
      ("reinsert_rate", "reinsert_batch", "delete"),
    ] {
      let seconds = (pass.numbers(series) ?? []).reduce(0, +) / 1e9
      let value = rows.flatMap { seconds > 0 ? $0 / seconds : nil }
      values[name] = MetricValue(
        value, unit: "1/s", better: .higher, kind: .timing, n: pass.numbers(series)?.count ?? 0,
        reason: value == nil ? reasons[kind] ?? failed : nil)
    }
    let recall = pass.numbers("churned_recall") ?? []
    var generator = SplitMix64(seed: seed)
    values["churned_recall@\(one.k)"] = MetricValue(
      Descriptive.mean(recall), unit: "ratio", better: .higher, kind: .quality,
      ci95: Bootstrap.interval(of: recall, .mean, using: &generator)?.bounds, n: recall.count,
      reason: recall.isEmpty ? failed : nil)
    single("churned_latency", pass, as: "churned_latency_p50", missing: failed)
  }
}
