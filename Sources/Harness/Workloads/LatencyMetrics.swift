internal import RunStore
internal import Statistics

/// Quantiles of the calls of all passes together, in seconds.
enum LatencyMetrics {
  private static let quantiles = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)]

  /// - Parameters:
  ///   - series: the samples' name: nanoseconds of each call.
  ///   - prefix: "latency" gives latency_p50, ….
  static func of(_ passes: [PassRecord], series: String, prefix: String) -> [String: MetricValue] {
    let sorted = passes.flatMap { $0.numbers(series) ?? [] }.map { $0 / 1e9 }.sorted()
    var values: [String: MetricValue] = [:]
    for (name, q) in quantiles {
      // A quantile beyond the largest of n values says nothing that the maximum does not.
      let needed = Int((1 / (1 - q)).rounded())
      let isKnown = sorted.count >= needed
      values["\(prefix)_\(name)"] = MetricValue(
        isKnown ? Quantile.value(q, ofSorted: sorted) : nil, unit: "s", better: .lower, kind: .timing,
        ci95: isKnown ? Quantile.interval(q, ofSorted: sorted)?.certainBounds : nil, n: sorted.count,
        reason: isKnown ? nil : "\(sorted.count) calls; at least \(needed) are needed")
    }
    values["\(prefix)_max"] = MetricValue(
      sorted.last, unit: "s", better: .lower, kind: .timing, n: sorted.count,
      reason: sorted.isEmpty ? "no call was made" : nil)
    return values
  }
}

extension PassRecord {
  /// A series as numbers; `nil` where the pass has none of that name.
  func numbers(_ name: String) -> [Double]? {
    switch samples[name] {
    case .uint64(let values): values.map { Double($0) }
    case .int64(let values): values.map { Double($0) }
    case .float(let values): values.map { Double($0) }
    case .double(let values): values
    case nil: nil
    }
  }

  /// The one value of a series.
  func number(_ name: String) -> Double? { numbers(name)?.first }
}
