internal import GenerationClient
internal import RunStore
internal import Statistics

/// The metrics of a serve case, from its stored passes alone.
///
/// Latencies are quantiles of all passes' requests together, as if no two depended on each other; rates are medians of the
/// passes; counts are sums. What the server was is taken from its own `/metrics`, where it has some.
struct ServeMetrics {
  private(set) var values: [String: MetricValue] = [:]
  private let passes: [LoadResult]
  private let isParallel: Bool
  private let levels: ServiceLevels

  /// - Parameters:
  ///   - passes: in any order; what a case's only pass says of a sweep is one too.
  ///   - n: outputs of a prompt.
  init(passes: [LoadResult], n: Int, levels: ServiceLevels) {
    self.passes = passes
    isParallel = n > 1
    self.levels = levels
    latencies()
    throughput()
    accounts()
    server()
    client()
  }

  /// What a search for the highest rate came to; the other metrics are of that rate.
  mutating func addSustained(_ outcome: SweepSearch.Outcome, reason: String) {
    values["sustained_rate"] = MetricValue(
      outcome.rate, unit: "1/s", better: .higher, kind: .timing,
      ci95: nil, n: outcome.measurements, reason: outcome.rate == nil ? reason : nil)
    values["failing_rate"] = MetricValue(
      outcome.failing, unit: "1/s", better: .none, kind: .timing, n: outcome.measurements,
      reason: outcome.failing == nil ? "every rate that was tried keeps the levels" : nil)
  }

  // MARK: Latencies

  private mutating func latencies() {
    quantiles("ttft", \.ttft, [50, 99])
    quantiles("service_ttft", \.serviceTTFT, [50, 99])
    // Gaps of one stream come in rows: an interval that took them for independent would be too narrow.
    quantiles("itl", \.itl, [50, 99], isIndependent: false)
    quantiles("tpot", \.tpot, [50, 99])
    quantiles("e2e", \.e2e, [50, 95, 99])
    quantiles("service_e2e", \.serviceE2E, [50, 99])
    if isParallel { quantiles("finish_skew", \.finishSkew, [50, 99]) }
    let perToken = merged(\.itlPerToken)
    values["itl_per_token"] = MetricValue(
      perToken.mean.map { $0 / 1e9 }, unit: "s", better: .lower, kind: .timing,
      ci95: interval(passes.compactMap { $0.itlPerToken.mean.map { $0 / 1e9 } }), n: Int(clamping: perToken.count),
      reason: perToken.count == 0 ? nothing("second token") : nil)
  }

  private mutating func quantiles(
    _ name: String, _ path: KeyPath<LoadResult, Histogram>, _ percents: [Int], isIndependent: Bool = true
  ) {
    let all = merged(path)
    for percent in percents {
      let q = Double(percent) / 100
      // A quantile beyond the largest of n values says nothing that the maximum does not.
      let needed = UInt64((1 / (1 - q)).rounded())
      let isKnown = all.count >= needed
      let bounds =
        isIndependent
        ? all.interval(q)?.certainBounds?.map { $0 / 1e9 }
        : interval(passes.compactMap { $0[keyPath: path].quantile(q).map { Double($0) / 1e9 } })
      values["\(name)_p\(percent)"] = MetricValue(
        isKnown ? all.quantile(q).map { Double($0) / 1e9 } : nil, unit: "s", better: .lower, kind: .timing,
        ci95: isKnown ? bounds : nil, n: Int(clamping: all.count),
        reason: isKnown
          ? nil
          : all.count == 0 ? nothing("such time") : "\(all.count) times; at least \(needed) are needed")
    }
  }

  private func merged(_ path: KeyPath<LoadResult, Histogram>) -> Histogram {
    var all = Histogram()
    for pass in passes { all.merge(pass[keyPath: path]) }
    return all
  }

  private func nothing(_ noun: String) -> String { "no \(noun) fell into the measured window" }

  // MARK: Throughput

  private mutating func throughput() {
    rate("output_tokens_per_second") { Double($0.outputTokens) }
    rate("requests_per_second") { Double($0.completedInWindow) }
    rate("arrivals_per_second", better: .none) { Double($0.arrivedInWindow) }
    if !levels.isEmpty {
      rate("goodput") { Double($0.goodInWindow) }
      let arrived = sum(\.arrivedInWindow)
      values["good_share"] = MetricValue(
        arrived > 0 ? Double(sum(\.keptLevels)) / Double(arrived) : nil, unit: "ratio", better: .higher,
        kind: .timing, n: arrived, reason: arrived > 0 ? nil : nothing("request"))
    }
    let chunks = sum(\.chunks)
    values["tokens_per_chunk"] = MetricValue(
      chunks > 0 ? Double(sum(\.outputTokens)) / Double(chunks) : nil, unit: "1", better: .none, kind: .timing,
      n: chunks, reason: chunks > 0 ? nil : nothing("chunk"))
  }

  private mutating func rate(
    _ name: String, better: MetricValue.Direction = .higher, _ amount: (LoadResult) -> Double
  ) {
    let rates = passes.filter { !$0.window.isEmpty }.map { amount($0) / $0.windowSeconds }
    values[name] = MetricValue(
      Descriptive.median(rates), unit: "1/s", better: better, kind: .timing, ci95: interval(rates), n: rates.count,
      reason: rates.isEmpty ? "nothing is left between warm-up and drain" : nil)
  }

  /// Of the median of the passes, where they are enough.
  private func interval(_ numbers: [Double]) -> [Double]? { Quantile.medianInterval(of: numbers)?.certainBounds }

  // MARK: Counts

  private mutating func accounts() {
    for (name, path) in [
      ("scheduled", \LoadResult.counts.scheduled), ("completed", \.counts.completed), ("failed", \.counts.failed),
      ("cancelled", \.counts.cancelled), ("timed_out", \.counts.timedOut), ("late", \.counts.late),
      ("dropped", \.counts.dropped), ("retried", \.counts.retried), ("prompt_tokens", \.promptTokens),
      ("output_tokens", \.outputTokens),
    ] {
      let isBad = ["failed", "timed_out", "late", "dropped", "retried"].contains(name)
      values[name] = MetricValue(
        Double(sum(path)), unit: "1", better: isBad ? .lower : .none, kind: .timing, n: passes.count)
    }
    let failures = passes.reduce(into: LoadResult.Counts()) { all, pass in
      all.failures.merge(pass.counts.failures) { $0 + $1 }
    }
    let refused = ["http 429", "http 503"].reduce(0) { $0 + (failures.failures[$1] ?? 0) }
    values["refused"] = MetricValue(Double(refused), unit: "1", better: .lower, kind: .timing, n: passes.count)
    if !failures.reasons.isEmpty { values["failed"]?.reason = failures.reasons }
  }

  private func sum(_ path: KeyPath<LoadResult, Int>) -> Int { passes.reduce(0) { $0 + $1[keyPath: path] } }

  // MARK: The server's own account

  private mutating func server() {
    let summaries = passes.map { pass in
      ServerTimeline(pass.serverTimeline).summary(
        of: pass.began + pass.window.lowerBound..<pass.began + pass.window.upperBound)
    }
    func mean(_ path: KeyPath<ServerTimeline.Summary, Double?>) -> Double? {
      let known = summaries.compactMap { summary in summary[keyPath: path].map { ($0, Double(summary.samples)) } }
      let samples = known.reduce(0) { $0 + $1.1 }
      return samples > 0 ? known.reduce(0) { $0 + $1.0 * $1.1 } / samples : nil
    }
    let preempted = summaries.compactMap(\.preemptions)
    for (name, value, unit, better) in [
      ("kv_utilization", mean(\.meanKVUsage), "ratio", MetricValue.Direction.none),
      ("kv_utilization_max", summaries.compactMap(\.peakKVUsage).max(), "ratio", .none),
      ("running", mean(\.meanRunning), "1", .higher), ("waiting", mean(\.meanWaiting), "1", .lower),
      ("preemptions", preempted.isEmpty ? nil : preempted.reduce(0, +), "1", .lower),
      ("prefix_cache_hit_rate", mean(\.prefixHitRate), "ratio", .none),
    ] {
      values[name] = MetricValue(
        value, unit: unit, better: better, kind: .timing, n: summaries.reduce(0) { $0 + $1.samples },
        reason: value == nil ? untold : nil)
    }
  }

  private var untold: String {
    passes.allSatisfy(\.serverTimeline.isEmpty)
      ? "the server's metrics could not be read" : "the server's metrics do not tell it"
  }

  // MARK: The client

  private mutating func client() {
    quantiles("schedule_lag", \.scheduleLag, [99])
    if passes.contains(where: { $0.heldBack.count > 0 }) { quantiles("held_back", \.heldBack, [50, 99]) }
    let seconds = passes.reduce(0) { $0 + $1.clientCPUSeconds }
    let wall = passes.reduce(0) { $0 + $1.wallSeconds }
    values["client_cpu_seconds"] = MetricValue(
      seconds, unit: "s", better: .lower, kind: .timing, n: passes.count)
    values["client_cpu_share"] = MetricValue(
      wall > 0 ? seconds / wall : nil, unit: "ratio", better: .lower, kind: .timing, n: passes.count,
      reason: wall > 0 ? nil : "the passes took no time")
    var doubts: [String] = []
    for doubt in passes.flatMap(\.doubts) where !doubts.contains(doubt) { doubts.append(doubt) }
    values["valid"] = MetricValue(
      doubts.isEmpty ? 1 : 0, unit: "1", better: .higher, kind: .timing, n: passes.count,
      reason: doubts.isEmpty ? nil : doubts.joined(separator: "; "))
    values["window_seconds"] = MetricValue(
      passes.reduce(0) { $0 + $1.windowSeconds }, unit: "s", better: .none, kind: .timing, n: passes.count)
    let cut = passes.map { ($0.wallSeconds - $0.windowSeconds) }.reduce(0, +)
    values["cut_seconds"] = MetricValue(max(0, cut), unit: "s", better: .none, kind: .timing, n: passes.count)
  }
}

extension LoadResult {
  var windowSeconds: Double { Double(window.upperBound - window.lowerBound) / 1e9 }
}
