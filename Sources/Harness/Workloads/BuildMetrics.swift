internal import RunStore
internal import Statistics

/// What building took, from the passes that stored it: medians over several builds.
struct BuildMetrics {
  private(set) var values: [String: MetricValue] = [:]

  /// - Parameter builds: at least one pass as `BuildReport.samples` makes it.
  init(builds: [PassRecord]) {
    let total = builds.map { build in
      ["train_seconds", "add_seconds", "optimize_seconds"].compactMap { build.number($0) }.reduce(0, +)
    }
    timing("insert_seconds", total)
    for name in ["train_seconds", "add_seconds", "optimize_seconds"] {
      timing(name, builds.compactMap { $0.number(name) })
    }
    let rates = zip(builds, total).compactMap { build, seconds in
      build.number("rows").map { seconds > 0 ? $0 / seconds : .nan }
    }
    values["insert_rate"] = MetricValue(
      Descriptive.median(rates), unit: "1/s", better: .higher, kind: .timing,
      ci95: Quantile.medianInterval(of: rates)?.certainBounds, n: rates.count)
    let batches = builds.flatMap { $0.numbers("batch_seconds") ?? [] }
    values["add_latency_p50"] = MetricValue(
      Descriptive.median(batches), unit: "s", better: .lower, kind: .timing, n: batches.count,
      reason: batches.isEmpty ? "the engine tells no time of its batches" : nil)
    values["add_latency_max"] = MetricValue(
      batches.max(), unit: "s", better: .lower, kind: .timing, n: batches.count,
      reason: batches.isEmpty ? "the engine tells no time of its batches" : nil)
    size("index_bytes", builds, missing: "the engine cannot tell")
    size("private_bytes", builds, missing: "the system does not tell a process's private memory")
    size("disk_bytes", builds, missing: nil)
  }

  private mutating func timing(_ name: String, _ seconds: [Double]) {
    values[name] = MetricValue(
      Descriptive.median(seconds), unit: "s", better: .lower, kind: .timing,
      ci95: Quantile.medianInterval(of: seconds)?.certainBounds, n: seconds.count)
  }

  /// - Parameter missing: why there is no value; nil leaves the metric out.
  private mutating func size(_ name: String, _ builds: [PassRecord], missing: String?) {
    let bytes = builds.compactMap { $0.number(name) }
    guard !bytes.isEmpty || missing != nil else { return }
    values[name] = MetricValue(
      Descriptive.median(bytes), unit: "B", better: .lower, kind: .size, n: bytes.count,
      reason: bytes.isEmpty ? missing : nil)
  }
}
