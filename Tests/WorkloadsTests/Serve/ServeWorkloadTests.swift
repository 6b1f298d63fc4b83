import Experiments
import Foundation
import GenerationClient
import Instrumentation
import RunStore
import Testing
import Workloads

@Suite struct ServeWorkloadTests {
  private let short = "prompts: [{source: lengths, prompt: 20, output: 3, as: short}]"

  /// One server runs at a time, and one that ends a round begins the next.
  @Test func serversTakeTurns() throws {
    let bench = try ServeBench()
    let record = try bench.run(
      """
        - workload: serve
          servers: [{start: ragmeter, model: bytes, kv_policy: [static, paged]}]
          \(short)
          load: [{concurrency: [1, 4]}]
          repetitions: 3
      """)
    #expect(record.cases.compactMap(\.failure) == [])
    let name = "ragmeter bytes kv_policy"
    func round(_ policy: String) -> [String] { ["measure \(name)=\(policy)", "measure \(name)=\(policy)"] }
    #expect(
      bench.events == ["open \(name)=static"] + round("static") + ["close \(name)=static", "open \(name)=paged"]
        + round("paged") + round("paged") + ["close \(name)=paged", "open \(name)=static"] + round("static")
        + round("static") + ["close \(name)=static", "open \(name)=paged"] + round("paged") + ["close \(name)=paged"])
  }

  @Test func metricsAreReckonedByHand() throws {
    let bench = try ServeBench()
    var passes = 0
    bench.onMeasure = { _, _, point, _ in
      passes += 1
      var result = loadResult(point, requests: 40 + passes, ttft: 0.1 * Double(passes))
      result.counts.scheduled += 3
      result.counts.failed = 2
      result.counts.cancelled = 1
      result.counts.failures = ["http 429": 2]
      result.began = 5_000_000_000
      for (second, usage) in [(0.0, 0.9), (2, 0.2), (4, 0.4), (11.5, 0.9)] {
        var sample = ServerSample(time: 5_000_000_000 + UInt64(second * 1e9))
        sample.kvUsage = usage
        sample.preemptions = 10 + second
        result.serverTimeline.append(sample)
      }
      return result
    }
    let record = try bench.run(
      """
        - workload: serve
          servers: [{url: "http://127.0.0.1:1", model: m, as: x}]
          \(short)
          n: 2
          load: [{concurrency: 4}]
          slo: {ttft: 250ms}
          repetitions: 3
      """)
    let one = try #require(record.cases.first)
    #expect(one.failure == nil)
    func value(_ name: String) -> Double? { one.metrics[name]?.value }
    // 41, 42 and 43 requests of 128 tokens in ten seconds.
    #expect(value("output_tokens_per_second") == 537.6)
    #expect(value("requests_per_second") == 4.2 && value("arrivals_per_second") == 4.2)
    // Of the second pass all keep 250 ms, of the third none.
    #expect(value("goodput") == 4.1)
    #expect(value("good_share") == 83.0 / 126)
    #expect(value("ttft_p50").map { abs($0 - 0.2) < 2e-4 } == true)
    #expect(value("ttft_p99").map { abs($0 - 0.3) < 3e-4 } == true)
    #expect(one.metrics["ttft_p50"]?.ci95?.count == 2)
    #expect(value("itl_per_token").map { abs($0 - 0.03) < 1e-9 } == true)
    #expect(value("finish_skew_p50").map { abs($0 - 0.005) < 1e-5 } == true)
    #expect(value("scheduled") == 126 + 9 && value("completed") == 126 && value("failed") == 6)
    #expect(one.metrics["failed"]?.reason == "6 http 429")
    // Samples from 1 s to 11 s count.
    #expect(value("kv_utilization").map { abs($0 - 0.3) < 1e-12 } == true)
    #expect(value("kv_utilization_max") == 0.4)
    #expect(value("preemptions").map { abs($0 - 12) < 1e-9 } == true)
    #expect(value("prefix_cache_hit_rate") == nil)
    #expect(one.metrics["prefix_cache_hit_rate"]?.reason == "the server's metrics do not tell it")
    #expect(value("client_cpu_seconds").map { abs($0 - 0.9) < 1e-12 } == true)
    #expect(value("tokens_per_chunk") == 1 && value("valid") == 1)
    #expect(value("window_seconds") == 30 && value("cut_seconds") == 6)
  }

  @Test func tooFewRequestsGiveNoTail() throws {
    let record = try ServeBench().run(
      """
        - workload: serve
          servers: [{url: "http://127.0.0.1:1", as: x}]
          \(short)
          load: [{concurrency: 1}]
          repetitions: 2
      """)
    let metrics = try #require(record.cases.first?.metrics)
    #expect(metrics["e2e_p99"]?.value == nil)
    #expect(metrics["e2e_p99"]?.reason == "80 times; at least 100 are needed")
    #expect(metrics["e2e_p95"]?.value != nil)
    #expect(metrics["goodput"] == nil && metrics["finish_skew_p50"] == nil)
    #expect(metrics["kv_utilization"]?.reason == "the server's metrics could not be read")
  }

  /// No prompt is seen twice by a server, but arrivals and lengths are the same for whoever is compared.
  @Test func promptsDifferAndArrivalsDoNot() throws {
    let bench = try ServeBench()
    struct Asked: Hashable {
      var server: String
      var seed: UInt64
      var words: UInt64
      var load: String
    }
    var asked: [Asked] = []
    bench.onMeasure = { choice, requests, point, seed in
      asked.append(
        Asked(server: "\(choice.parameters.label)", seed: seed, words: requests.seed, load: "\(point.pattern)"))
      return loadResult(point)
    }
    _ = try bench.run(
      """
        - workload: serve
          servers: [{start: ragmeter, model: bytes, kv_policy: [static, paged]}]
          \(short)
          n: [1, 2]
          compare_n: true
          load: [{rate: [1, 2]}]
          repetitions: 2
      """)
    #expect(asked.count == 2 * 3 * 2 * 2)
    // Words: of every case and pass their own, the same for both servers.
    #expect(Set(asked.map(\.words)).count == 12)
    for server in ["kv_policy=static", "kv_policy=paged"] {
      #expect(Set(asked.filter { $0.server == server }.map(\.words)).count == 12)
    }
    // Arrivals: of every load and pass their own.
    #expect(Set(asked.map(\.seed)).count == 4)
    #expect(Set(asked.map { "\($0.seed) \($0.load)" }).count == 4)
  }

  @Test func textsAreAskedOfANewServer() throws {
    let bench = try ServeBench()
    let path = try bench.file("p.jsonl", "{\"prompt\": \"hello\"}\n")
    _ = try bench.run(
      """
        - workload: serve
          servers: [{start: ragmeter, model: bytes}]
          prompts: ["\(path):output=4"]
          load: [{concurrency: 1}]
          repetitions: 3
      """)
    #expect(bench.events.filter { $0.hasPrefix("open") }.count == 3)
  }

  @Test func oneFailureLeavesTheOthers() throws {
    let bench = try ServeBench()
    bench.onOpen = { if $0.name == "away" { throw EngineError("away does not answer") } }
    bench.onMeasure = { choice, _, point, _ in
      var result = loadResult(point, requests: choice.name == "dumb" ? 0 : 40)
      if choice.name == "dumb" {
        result.counts.scheduled = 5
        result.counts.failed = 5
        result.counts.failures = ["refused": 4, "http 500": 1]
      }
      return result
    }
    bench.onEnd = { $0.name == "mortal" ? "mortal ended with signal 9" : nil }
    let record = try bench.run(
      """
        - workload: serve
          servers: [{url: "http://h:1", as: away}, {url: "http://h:2", as: dumb}, {url: "http://h:3", as: mortal}]
          \(short)
          load: [{concurrency: [1, 2]}]
          repetitions: 2
      """)
    func failures(_ name: String) -> Set<String> {
      Set(record.cases.filter { $0.labels["engine"] == name }.map { $0.failure ?? "none" })
    }
    #expect(failures("away") == ["away does not answer"])
    #expect(failures("dumb") == ["no request of 5 was completed: 4 refused, 1 http 500"])
    #expect(failures("mortal") == ["none"])
    #expect(record.run.warnings.contains("mortal ended with signal 9"))
    #expect(bench.events.filter { $0 == "open mortal" }.count == 4)
    #expect(
      bench.events.filter { $0.hasPrefix("open") }.count == bench.events.filter { $0.hasPrefix("close") }.count + 2)
  }

  @Test func doubtsAreWarningsAndAVerdict() throws {
    let bench = try ServeBench()
    bench.onMeasure = { _, _, point, _ in
      var result = loadResult(point)
      result.doubts = ["the client was late"]
      result.remarks = ["the server bundles"]
      return result
    }
    let record = try bench.run(
      """
        - workload: serve
          servers: [{url: "http://h:1", as: x}]
          \(short)
          load: [{concurrency: 1}]
          repetitions: 2
      """)
    #expect(record.cases[0].metrics["valid"]?.value == 0)
    #expect(record.cases[0].metrics["valid"]?.reason == "the client was late")
    #expect(
      record.run.warnings == [
        "serve/short/x/n=1/concurrency=1: the client was late", "serve/short/x/n=1/concurrency=1: the server bundles",
      ])
  }

  // MARK: Sweeps

  private let sweeping = """
      - workload: serve
        servers: [{url: "http://h:1", as: x}]
        prompts: [{source: lengths, prompt: 20, output: 3, as: short}]
        load: [{sweep: {from: 1, to: 64, share: 0.9, precision: 0.1}}]
        slo: {ttft: 250ms}
    """

  /// A server that is good up to ten requests a second.
  private func sweep(_ bench: ServeBench, rates: @escaping (Double) throws -> Void) {
    bench.onMeasure = { _, _, point, _ in
      guard case .open(let process) = point.pattern else { throw EngineError("no open loop") }
      try rates(process.rate)
      return loadResult(point, ttft: process.rate <= 10 ? 0.1 : 0.4)
    }
  }

  @Test func aSweepFindsTheHighestGoodRate() throws {
    let bench = try ServeBench()
    var tried: [Double] = []
    sweep(bench) { tried.append($0) }
    let record = try bench.run(sweeping)
    let one = try #require(record.cases.first)
    let rate = try #require(one.metrics["sustained_rate"]?.value)
    let failing = try #require(one.metrics["failing_rate"]?.value)
    #expect(rate <= 10 && failing > 10 && failing <= rate * 1.1)
    #expect(one.metrics["sustained_rate"]?.n == tried.count)
    // The other metrics are of that rate.
    #expect(one.metrics["good_share"]?.value == 1)
    let passes = try bench.passes(of: one.id, in: record)
    #expect(passes.compactMap { $0.samples["probe_rate"] } == tried.map { .double([$0]) })
  }

  @Test func aSweepGoesOnWhereItWasCutOff() throws {
    struct Killed: Error {}
    let bench = try ServeBench()
    var whole: [Double] = []
    sweep(bench) { whole.append($0) }
    let expected = try bench.run(sweeping).cases[0].metrics["sustained_rate"]?.value

    let cut = try ServeBench()
    var tried: [Double] = []
    sweep(cut) { tried.append($0) }
    // As a kill leaves it: passes, and no case.
    let store = try RunStore(path: cut.storePath)
    let id = "serve/short/x/n=1/sweep=1-64"
    let plan = try cut.plan(sweeping)
    let run = try store.createRun(
      RunHeader(
        name: "experiment", started: RunHeader.timestamp(Date(timeIntervalSince1970: 1_700_000_000)), seed: 42,
        workloadHash: plan.workloadHash,
        machine: MachineFingerprint(cpu: "test", cores: 1, memory: 1 << 30, build: "release")),
      spec: plan.spec.canonicalText)
    for number in 1...4 {
      var point = LoadPoint(pattern: .open(.poisson(rate: whole[number - 1])), stop: .init(requests: 1))
      point.levels = ServiceLevels(ttft: 0.25)
      var samples = loadResult(point, ttft: whole[number - 1] <= 10 ? 0.1 : 0.4).samples
      samples["probe_rate"] = .double([whole[number - 1]])
      try store.storePass(number, of: id, in: run, samples: samples)
    }
    let record = try cut.run(sweeping, resume: true)
    #expect(tried == Array(whole.dropFirst(4)))
    #expect(record.cases[0].metrics["sustained_rate"]?.value == expected)
  }

  @Test func noRateMayBeGood() throws {
    let bench = try ServeBench()
    bench.onMeasure = { _, _, point, _ in loadResult(point, ttft: 0.9) }
    let one = try #require(try bench.run(sweeping).cases.first)
    #expect(one.metrics["sustained_rate"]?.value == nil)
    #expect(one.metrics["sustained_rate"]?.reason == "not even 1 requests a second keep the levels")
    #expect(one.metrics["good_share"]?.value == 0)
  }
}
