import Foundation
import Reports
import RunStore
import Statistics
import Testing

/// Three policies under closed loops with one and three outputs, asked for by one request and by three; a server of others; open
/// loops and a sweep of the newest policy. Figures of the right magnitude, made up.
private struct ServeRun {
  var record: RunRecord
  var loads: [String: ServeSeries] = [:]

  private static func share(_ value: Double?, reason: String? = nil) -> MetricValue {
    MetricValue(value, unit: "ratio", better: .none, kind: .timing, reason: reason)
  }

  private static func count(_ value: Double?, reason: String? = nil) -> MetricValue {
    MetricValue(value, unit: "1", better: .lower, kind: .timing, reason: reason)
  }

  init() throws {
    record = RunRecord(run: header("serving", warnings: ["serve/…: the schedule lagged"]), cases: [])
    for (place, policy) in ["static", "continuous", "paged"].enumerated() {
      let speed = [90.0, 210, 320][place]
      for concurrency in [1.0, 4, 16] {
        for n in [1, 3] {
          let more = policy == "paged" ? 1 + 0.12 * Double(n) : 1
          try add(
            ["engine": "ragmeter", "kv_policy": policy, "n": "\(n)"], load: "concurrency=\(Int(concurrency))",
            rate: speed * more * min(concurrency, Double(4 + 4 * place)).squareRoot(), concurrency: concurrency,
            fails: policy == "static" && n == 3 && concurrency == 16)
        }
      }
    }
    try add(
      ["engine": "ragmeter", "kv_policy": "paged", "n": "3", "outputs_as": "requests"], load: "concurrency=16",
      rate: 900, concurrency: 16)
    try add(
      ["engine": "ragmeter", "kv_policy": "paged", "n": "1", "kv_ceiling": "0.9"], load: "concurrency=16", rate: 1150,
      concurrency: 16)
    try add(["engine": "llama.cpp", "n": "1"], load: "concurrency=16", rate: 700, concurrency: 16, isOwn: false)
    for rate in [1.0, 2, 4, 8] {
      try add(
        ["engine": "ragmeter", "kv_policy": "paged", "n": "1", "slo": "ttft=500ms,itl=50ms"],
        load: "rate=\(Int(rate))", rate: 60 * min(rate, 5), concurrency: rate * rate, arrival: rate)
    }
    try add(
      ["engine": "ragmeter", "kv_policy": "paged", "n": "1", "slo": "ttft=500ms,itl=50ms"], load: "sweep=1-16",
      rate: 290, concurrency: 12, sustained: 4.8)
  }

  private mutating func add(
    _ labels: [String: String], load: String, rate tokens: Double, concurrency: Double, isOwn: Bool = true,
    arrival: Double? = nil, sustained: Double? = nil, fails: Bool = false
  ) throws {
    let n = Double(labels["n"] ?? "") ?? 1
    var labels = labels.merging(["dataset": "short", "model": "smollm2-135m", "load": load]) { $1 }
    if isOwn {
      labels["threads"] = "2"
      labels["kv_memory"] = "64MiB"
    }
    if arrival == nil, sustained == nil { labels["concurrency"] = "\(Int(concurrency))" }
    if let arrival { labels["rate"] = "\(Int(arrival))" }
    let id = "serve/short/" + labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "/")
    guard !fails else {
      record.cases.append(
        CaseRecord(
          id: id, workload: "serve", labels: labels,
          failure: "ragmeter ended with signal 9;\nits log ends: out of memory"))
      return
    }
    let queue = 1 + concurrency / 8
    let requests = tokens / n / 64
    let isLate = load == "rate=8"
    var metrics = [
      "output_tokens_per_second": rate(tokens, interval: [tokens * 0.98, tokens * 1.01]),
      "requests_per_second": rate(requests),
      "ttft_p50": seconds(0.04 * queue), "ttft_p99": seconds(0.21 * queue), "itl_p50": seconds(0.006 * queue),
      "itl_p99": seconds(0.03 * queue), "tpot_p50": seconds(0.0065 * queue), "tpot_p99": seconds(0.012 * queue),
      "e2e_p50": seconds(0.45 * queue), "e2e_p95": seconds(0.7 * queue), "e2e_p99": seconds(0.9 * queue),
      "kv_utilization": isOwn
        ? Self.share(min(0.97, 0.05 * concurrency * n))
        : Self.share(nil, reason: "the server's metrics do not tell it"),
      "preemptions": Self.count(concurrency > 10 ? 7 : 0), "prefix_cache_hit_rate": Self.share(0.01),
      "running": Self.count(min(concurrency, 12)), "waiting": Self.count(max(0, concurrency - 12)),
      "tokens_per_chunk": Self.count(1), "schedule_lag_p99": seconds(isLate ? 0.02 : 80e-6),
      "client_cpu_share": Self.share(0.013), "client_cpu_seconds": seconds(0.4),
      "scheduled": Self.count(320), "completed": Self.count(isLate ? 291 : 320),
      "failed": Self.count(isLate ? 21 : 0, reason: isLate ? "12 timeout, 9 http 429" : nil),
      "cancelled": Self.count(isLate ? 8 : 0), "late": Self.count(isLate ? 34 : 0), "dropped": Self.count(0),
      "retried": Self.count(isLate ? 4 : 0), "timed_out": Self.count(isLate ? 12 : 0),
      "valid": Self.count(
        isLate ? 0 : 1, reason: isLate ? "requests were sent 20 ms late (p99): the client had no time" : nil),
    ]
    if labels["slo"] != nil { metrics["goodput"] = rate(isLate ? 1.5 : requests) }
    if n > 1 {
      metrics["finish_skew_p50"] = seconds(0.02 * queue)
      metrics["finish_skew_p99"] = seconds(0.08 * queue)
    }
    if let sustained { metrics["sustained_rate"] = rate(sustained) }
    record.cases.append(CaseRecord(id: id, workload: "serve", labels: labels, metrics: metrics))
    let passes = sustained.map { Self.probes($0) } ?? [Self.pass(queue: queue, n: Int(n), hasServer: isOwn)]
    loads[id] = try ServeSeries(passes)
  }

  /// 320 requests whose times grow with the queue.
  private static func pass(queue: Double, n: Int, hasServer: Bool) -> PassRecord {
    var (ttft, itl) = (Histogram(), Histogram())
    var skew = (0..<n).map { _ in Histogram() }
    var random = SplitMix64(seed: 11)
    func tail() -> Double {
      let uniform = Double(random.next() >> 11) * 0x1p-53
      return pow(1 - uniform, -0.3) * (0.8 + 0.2 * uniform)
    }
    for _ in 0..<320 {
      ttft.record(UInt64(0.04e9 * queue * tail()))
      for _ in 0..<60 { itl.record(UInt64(0.006e9 * queue * tail())) }
      for index in 0..<n { skew[index].record(UInt64(0.01e9 * Double(index) * tail())) }
    }
    func bytes(_ histogram: Histogram) -> Samples { .uint64(histogram.encoded.map { UInt64($0) }) }
    let times = (0...60).map { Double($0) / 2 }
    let shape = times.map { min(1, $0 / 4, (30 - $0) / 5) }
    var samples: [String: Samples] = [
      "histogram_ttft": bytes(ttft), "histogram_itl": bytes(itl), "window": .uint64([3_000_000_000, 27_000_000_000]),
      "client_seconds": .double(times), "client_in_flight": .uint64(shape.map { UInt64(8 * queue * $0) }),
      "client_tokens": .uint64(times.map { UInt64(300 * $0) }),
    ]
    samples["request_intended"] = .float((0..<320).map { Float($0 * 7 % 320) / 12 })
    samples["request_ttft"] = .float((0..<320).map { Float(0.04 * queue * (1 + Double($0 * 7 % 320) / 300)) })
    for (index, histogram) in skew.enumerated() { samples["histogram_skew_of_\(index)"] = bytes(histogram) }
    if hasServer {
      samples["server_seconds"] = .double(times)
      samples["server_kv_usage"] = .double(shape.map { min(0.97, 0.3 * queue * $0) })
      samples["server_waiting"] = .double(shape.map { max(0, 8 * queue * $0 - 6) })
    }
    return PassRecord(number: 1, samples: samples)
  }

  private static func probes(_ sustained: Double) -> [PassRecord] {
    [1.0, 16, 4, 8, 5.6, 4.8, 5.2].enumerated().map { place, rate in
      var pass = pass(queue: rate / 3, n: 1, hasServer: true)
      pass.number = place + 1
      pass.samples["probe_rate"] = .double([rate])
      pass.samples["probe_sustained"] = .uint64([rate <= sustained ? 1 : 0])
      pass.samples["good_in_window"] = .uint64([UInt64(24 * min(rate, max(0, 2 * sustained - rate)))])
      return pass
    }
  }
}

@Suite struct ServeReportTests {
  @Test(arguments: [(260, "serve-260.txt"), (110, "serve-110.txt")])
  func tables(width: Int, name: String) throws {
    let run = try ServeRun()
    try expectSnapshot(Report(run: run.record, loads: run.loads).terminal(width: width, color: false), name)
  }

  @Test func markdown() throws {
    let run = try ServeRun()
    try expectSnapshot(Report(run: run.record, loads: run.loads).markdown(), "serve.md")
  }

  @Test func passesOfNoLoadHaveNoSeries() throws {
    #expect(try ServeSeries([]) == nil)
    #expect(try ServeSeries([PassRecord(number: 1, samples: ["seconds": .double([1])])]) == nil)
    let broken = PassRecord(number: 1, samples: ["histogram_ttft": .uint64([9, 9])])
    #expect(throws: HistogramEncodingError.self) { try ServeSeries([broken]) }
  }

  @Test(.enabled(if: PlotTests.hasGnuplot, "gnuplot is not installed")) func loadsAreDrawn() throws {
    let run = try ServeRun()
    // Kept where RAGMETER_PLOTS says, to be looked at.
    let kept = ProcessInfo.processInfo.environment["RAGMETER_PLOTS"]
    let folder = try TemporaryFolder()
    let files = try Report(run: run.record, loads: run.loads).writePlots(to: kept ?? folder.path)
    let names = Set(files.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent })
    #expect(
      names == [
        "short-latency-throughput-closed-n-1", "short-latency-throughput-closed-n-3",
        "short-latency-throughput-open-n-1", "short-goodput-rate", "short-distribution-closed-n-1",
        "short-distribution-closed-n-3", "short-distribution-open-n-1", "short-timeline-closed-n-1",
        "short-timeline-closed-n-3", "short-timeline-open-n-1", "short-finish-skew-closed-n-3",
        "short-throughput-closed",
      ])
    #expect(files.count == 2 * names.count)
    for file in files {
      #expect((try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0) > 4000, "\(file)")
    }
  }
}
