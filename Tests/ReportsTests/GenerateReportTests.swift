import Foundation
import Reports
import RunStore
import Testing

/// Three policies and a peer over n, measured here; and the same policies on a device that is only reckoned with. Figures of
/// the right magnitude, made up.
private func generateRun() -> RunRecord {
  func one(
    _ engine: String, _ labels: [String: String], n: Int, rate tokens: Double, batch: Double, waste: Double,
    reserved: Double, saved: Double, fails: Bool = false
  ) -> CaseRecord {
    var all = ["dataset": "alpaca", "requests": "64", "engine": engine, "n": "\(n)"].merging(labels) { $1 }
    let isOwn = all["policy"] != nil
    if isOwn {
      all["max_num_seqs"] = "256"
      all["kv_memory"] = "24MiB"
    }
    let isReal = engine != "simulation"
    func share(_ value: Double) -> MetricValue {
      MetricValue(value, unit: "ratio", better: .lower, kind: isReal ? .timing : .count)
    }
    func count(_ value: Double, unit: String = "1") -> MetricValue {
      MetricValue(value, unit: unit, better: .lower, kind: .count)
    }
    var metrics = [
      "output_tokens_per_second": rate(tokens, interval: isReal ? [tokens * 0.97, tokens * 1.02] : nil),
      "requests_per_second": rate(tokens / 58 / Double(n)), "decode_tokens_per_second": rate(tokens * 1.1),
      "prefill_tokens_per_second": engine == "vllm"
        ? MetricValue(nil, unit: "1/s", better: .higher, kind: .timing, reason: "the engine cannot tell")
        : rate(tokens * 4),
      "prompt_tokens": count(64 * 19), "output_tokens": count(64 * 58 * Double(n)),
    ]
    if isOwn {
      metrics["mean_batch"] = count(batch)
      metrics["kv_utilization"] = share(0.9)
      metrics["kv_waste"] = share(waste)
      metrics["kv_waste_reserved"] = share(reserved)
      metrics["kv_waste_internal"] = share(waste - reserved)
      metrics["kv_saved_by_sharing"] = share(saved)
      metrics["kv_saved_by_sharing_analytic"] = share(saved * 1.1)
      metrics["copies"] = count(saved > 0 ? 64 * Double(n - 1) : 0)
      metrics["preemptions"] = count(batch > 60 ? 3 : 0)
      metrics["peak_kv_bytes"] = count(23.5e6, unit: "B")
    }
    let words = all["policy"] ?? engine
    let id = "generate/alpaca/\(all["model"] ?? "")/\(all["device"] ?? "here")/\(words)/\(labels)/n=\(n)"
    return CaseRecord(
      id: id, workload: "generate", labels: all, metrics: fails ? [:] : metrics,
      failure: fails ? "the budget of 12 blocks\nis too small for one sequence" : nil)
  }
  var cases: [CaseRecord] = []
  for n in [1, 2, 4] {
    let wide = Double(n)
    for (model, more, factor) in [
      ("smollm2-135m", ["threads": "2"], 1.0), ("llama-13b", ["device": "a100-40gb"], 1.6),
    ] {
      let engine = more["device"] == nil ? "ragmeter" : "simulation"
      let labels = more.merging(["model": model]) { $1 }
      func own(_ policy: [String: String]) -> [String: String] { labels.merging(policy) { $1 } }
      cases += [
        one(
          engine, own(["policy": "paged"]), n: n, rate: 900 * factor * (1 + 0.1 * wide), batch: 40 + 10 * wide,
          waste: 0.031, reserved: 0, saved: 0.09 * (1 - 1 / wide)),
        one(
          engine, own(["policy": "paged", "sharing": "false"]), n: n, rate: 850 * factor, batch: 41, waste: 0.033,
          reserved: 0, saved: 0),
        one(
          engine, own(["policy": "continuous", "reservation": "model"]), n: n, rate: 300 * factor, batch: 9,
          waste: 0.81, reserved: 0.1, saved: 0),
        one(
          engine, own(["policy": "static", "reservation": "request"]), n: n, rate: 110 * factor, batch: 5.5, waste: 0.4,
          reserved: 0.3, saved: 0, fails: n == 4 && engine == "ragmeter"),
      ]
    }
    cases.append(
      one(
        "vllm", ["model": "smollm2-135m", "threads": "2", "block_size": "32"], n: n, rate: 400, batch: 0, waste: 0,
        reserved: 0, saved: 0))
    cases.append(
      one(
        "llamacpp", ["model": "smollm2-135m", "threads": "2", "quantization": "Q4_0", "n_parallel": "32"], n: n,
        rate: 450, batch: 0, waste: 0, reserved: 0, saved: 0))
  }
  return RunRecord(run: header("parallel-outputs"), cases: cases)
}

/// Memory that fills, stays full and empties again, of every case that has some.
private func timelines(_ run: RunRecord) -> [String: KVTimelineSeries] {
  var timelines: [String: KVTimelineSeries] = [:]
  for (number, one) in run.cases.enumerated() where one.labels["policy"] != nil {
    let end = 20.0 + Double(number)
    let seconds = (0...100).map { end * Double($0) / 100 }
    let used = seconds.map { min(1, $0 / 3, (end - $0) / 4) }
    timelines[one.id] = KVTimelineSeries(
      PassRecord(
        number: 1,
        samples: [
          "timeline_seconds": .double(seconds), "timeline_used": .double(used),
          "timeline_stored": .double(used.map { $0 * 0.7 }),
        ]))
  }
  return timelines
}

@Suite struct GenerateReportTests {
  @Test(arguments: [(220, "generate-220.txt"), (100, "generate-100.txt")])
  func tables(width: Int, name: String) throws {
    try expectSnapshot(Report(run: generateRun()).terminal(width: width, color: false), name)
  }

  @Test func markdown() throws { try expectSnapshot(Report(run: generateRun()).markdown(), "generate.md") }

  @Test func aPassWithoutMemoryHasNoTimeline() {
    #expect(KVTimelineSeries(PassRecord(number: 1, samples: ["seconds": .double([1])])) == nil)
    let uneven: [String: Samples] = [
      "timeline_seconds": .double([0, 1]), "timeline_used": .double([0, 1, 2]), "timeline_stored": .double([0, 1]),
    ]
    #expect(KVTimelineSeries(PassRecord(number: 1, samples: uneven)) == nil)
  }

  @Test(.enabled(if: PlotTests.hasGnuplot, "gnuplot is not installed")) func policiesAreDrawn() throws {
    let folder = try TemporaryFolder()
    let kept = ProcessInfo.processInfo.environment["RAGMETER_PLOTS"]
    let run = generateRun()
    let files = try Report(run: run, timelines: timelines(run)).writePlots(to: kept ?? folder.path)
    #expect(
      files.filter { $0.hasSuffix(".svg") }.map { $0.split(separator: "/").last.map(String.init) } == [
        "alpaca-throughput-smollm2-135m.svg", "alpaca-kv-occupancy-smollm2-135m.svg",
        "alpaca-saved-by-sharing-smollm2-135m.svg", "alpaca-throughput-llama-13b-a100-40gb.svg",
        "alpaca-kv-occupancy-llama-13b-a100-40gb.svg", "alpaca-saved-by-sharing-llama-13b-a100-40gb.svg",
      ])
    for (file, words) in [
      ("throughput-smollm2-135m", ["paged sharing=false", "vllm block_size=32", "64 requests"]),
      ("kv-occupancy-llama-13b-a100-40gb", ["continuous reservation=model", "n = 4", "simulated on a100-40gb"]),
      ("saved-by-sharing-smollm2-135m", ["from the lengths alone", "24MiB"]),
    ] {
      let drawing = try String(contentsOfFile: "\(kept ?? folder.path)/alpaca-\(file).svg", encoding: .utf8)
      for word in words { #expect(drawing.contains(word), "\(file): \(word)") }
    }
  }
}
