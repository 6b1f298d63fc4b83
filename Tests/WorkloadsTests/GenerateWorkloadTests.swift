import Experiments
import Foundation
import RunStore
import Testing
import Workloads

@Suite struct GenerateWorkloadTests {
  private let fixed = "\"lengths:prompt=20,output=3\""

  @Test func everyCombinationIsACase() throws {
    let bench = try GenerateBench()
    let record = try bench.run(
      """
        - workload: generate
          prompts: [{source: lengths, prompt: 20, output: 3, as: short}]
          requests: 4
          n: [1, 2]
          models: [bytes, "llama-13b:device=a100-40gb"]
          adapters: [{adapter: perl, model: bytes, n_parallel: [8, 16], threads: 1}]
          policies: ["continuous:reservation=request|model", paged]
          kv_memory: 64kB
          max_model_len: 200
          threads: [1, 2]
          repetitions: 2
          warmup: 0
      """)
    #expect(record.cases.compactMap(\.failure) == [])
    let policies = ["continuous/reservation=request", "continuous/reservation=model", "paged"]
    var ids: Set<String> = []
    for n in ["n=1", "n=2"] {
      for policy in policies {
        ids.formUnion([
          "generate/short/bytes/\(policy)/\(n)", "generate/short/bytes/\(policy)/\(n),threads=2",
          "generate/short/llama-13b/device=a100-40gb/\(policy)/\(n)",
        ])
      }
      ids.formUnion(["generate/short/perl/bytes/n_parallel=8/\(n)", "generate/short/perl/bytes/n_parallel=16/\(n)"])
    }
    #expect(Set(record.cases.map(\.id)) == ids)
    func labels(_ id: String) -> [String: String]? { record.cases.first { $0.id == id }?.labels }
    #expect(
      labels("generate/short/bytes/continuous/reservation=model/n=2,threads=2") == [
        "dataset": "short", "requests": "4", "n": "2", "engine": "ragmeter", "model": "bytes", "threads": "2",
        "policy": "continuous", "reservation": "model", "max_num_seqs": "256", "kv_memory": "64kB",
      ])
    #expect(
      labels("generate/short/llama-13b/device=a100-40gb/paged/n=1") == [
        "dataset": "short", "requests": "4", "n": "1", "engine": "simulation", "model": "llama-13b",
        "device": "a100-40gb", "policy": "paged", "max_num_seqs": "256", "kv_memory": "64kB",
      ])
    #expect(
      labels("generate/short/perl/bytes/n_parallel=8/n=1") == [
        "dataset": "short", "requests": "4", "n": "1", "engine": "perl", "model": "bytes", "threads": "1",
        "n_parallel": "8",
      ])
    // 40 blocks of 1 600 bytes: one executor for each number of threads, whatever the policy.
    #expect(bench.shapes.count == 2)
    #expect(Set(bench.shapes.map(\.blocks)) == [40] && Set(bench.shapes.map(\.threads)) == [1, 2])
  }

  /// One request of 20 tokens with two outputs of three, by hand. The prompt takes a step of one second, from which both
  /// outputs have their first token; two steps of half a second follow. Blocks: 2 with the prompt, then the full one is
  /// shared, and each output has a block of its own, of which one is a copy.
  @Test func metricsAreReckonedByHand() throws {
    let record = try GenerateBench().run(
      """
        - workload: generate
          prompts: [\(fixed)]
          requests: 1
          n: 2
          models: ["llama-13b:device=a100-40gb"]
          kv_blocks: 10
          max_model_len: 1000
      """)
    let one = try #require(record.cases.first)
    #expect(one.failure == nil)
    func value(_ name: String) -> Double? { one.metrics[name]?.value }
    #expect(value("pass_seconds") == 2)
    #expect(value("output_tokens_per_second") == 3)
    #expect(value("requests_per_second") == 0.5)
    #expect(value("prefill_tokens_per_second") == 20)
    #expect(value("decode_tokens_per_second") == 4)
    #expect(value("prompt_tokens") == 20 && value("output_tokens") == 6)
    #expect(value("padding_ratio") == 1)
    #expect(value("copies") == 1)
    #expect(value("preemptions") == 0 && value("cached_prompt_tokens") == 0)
    #expect(value("peak_kv_bytes") == 3 * 1600 && value("kv_budget_bytes") == 16_000)
    // 2, 3 and 3 blocks of 10; of their places 20, 16 + 2 · 5 and 16 + 2 · 6 are filled.
    #expect(abs((value("kv_utilization") ?? 0) - 8.0 / 30) < 1e-12)
    #expect(abs((value("kv_waste") ?? 0) - (1 - (20 + 26 + 28) / (8 * 16.0))) < 1e-12)
    #expect(value("kv_waste_external") == 0)
    let parts = (value("kv_waste_internal") ?? 0) + (value("kv_waste_reserved") ?? 0)
    #expect(abs(parts - (value("kv_waste") ?? 0)) < 1e-12)
    // Without sharing two blocks an output at every length: one of four is spared.
    #expect(value("kv_saved_by_sharing_analytic") == 0.25)
    let speedup = try #require(value("simulation_speedup"))
    #expect(speedup > 1)
    // A simulation is the same every time: compared exactly, measured once, nothing loaded.
    #expect(one.metrics["output_tokens_per_second"]?.kind == .count)
    #expect(one.metrics["output_tokens_per_second"]?.n == 1)
    #expect(one.metrics["simulation_speedup"]?.kind == .timing)
    #expect(one.metrics["load_seconds"] == nil && one.metrics["private_bytes"] == nil)
  }

  @Test func whatIsRealIsTimed() throws {
    let bench = try GenerateBench()
    let record = try bench.run(
      """
        - workload: generate
          prompts: [\(fixed)]
          requests: 5
          n: 3
          models: [bytes]
          adapters: [{adapter: perl, model: bytes}, {adapter: silent, model: bytes}]
          kv_blocks: 10
          max_model_len: 100
          repetitions: 6
      """)
    let own = try #require(record.cases.first { $0.labels["engine"] == "ragmeter" })
    #expect(own.metrics["output_tokens_per_second"]?.kind == .timing)
    #expect(own.metrics["output_tokens_per_second"]?.n == 6)
    #expect(own.metrics["output_tokens_per_second"]?.ci95 != nil)
    #expect(own.metrics["kv_waste"]?.kind == .count)
    #expect(own.metrics["load_seconds"]?.value != nil && own.metrics["private_bytes"]?.value != nil)
    #expect(own.metrics["simulation_speedup"] == nil)
    let adapter = try #require(record.cases.first { $0.labels["engine"] == "perl" })
    #expect(abs((adapter.metrics["output_tokens_per_second"]?.value ?? 0) - 45 / 2e-6) < 1)
    // Both numbers are the adapter's own.
    #expect(abs((adapter.metrics["prefill_tokens_per_second"]?.value ?? 0) - 100 / 5e-7) < 1)
    #expect(abs((adapter.metrics["padding_ratio"]?.value ?? 0) - 50.0 / 45) < 1e-12)
    #expect(adapter.metrics["private_bytes"]?.value == 1000)
    #expect(adapter.metrics["kv_waste"] == nil && adapter.metrics["mean_batch"] == nil)
    let silent = try #require(record.cases.first { $0.labels["engine"] == "silent" })
    #expect(silent.metrics["prefill_tokens_per_second"]?.reason == "the engine cannot tell")
    #expect(silent.metrics["padding_ratio"] == nil)
  }

  @Test func theFirstPassTellsMemoryOverTime() throws {
    let bench = try GenerateBench()
    let record = try bench.run(
      """
        - workload: generate
          prompts: ["lengths:prompt=16,output=900"]
          requests: 2
          models: ["llama-13b:device=a100-40gb"]
          max_num_seqs: 1
          kv_blocks: 60
          max_model_len: 1000
      """)
    let one = try #require(record.cases.first)
    let pass = try #require(try bench.passes(of: one.id, in: record).first { $0.number == 1 })
    guard case .double(let seconds) = pass.samples["timeline_seconds"],
      case .double(let used) = pass.samples["timeline_used"],
      case .double(let stored) = pass.samples["timeline_stored"]
    else {
      Issue.record("the timeline is missing")
      return
    }
    // 1 800 steps in fewer than 512 points, evenly.
    #expect((256..<512).contains(seconds.count) && used.count == seconds.count && stored.count == seconds.count)
    #expect(zip(seconds, seconds.dropFirst()).allSatisfy { $0 < $1 })
    #expect(zip(used, stored).allSatisfy { $0 >= $1 && $0 <= 1 && $1 > 0 })
    #expect(used.max() ?? 0 > 0.9)
  }

  /// The store as a SIGKILL before some pass would leave it: copied in that moment, and resumed from the copy.
  @Test(arguments: 0..<6) func aKilledRunResumesToTheSameCases(seed: Int) throws {
    let spec = """
        - workload: generate
          prompts: [\(fixed)]
          requests: 2
          n: [1, 2]
          models: [bytes, "llama-13b:device=h100", missing]
          adapters: [{adapter: perl, model: bytes}, {adapter: refuse-generate, model: bytes}]
          max_model_len: 100
          repetitions: 3
          warmup: 0
      """
    var random = SeededRandom(seed: UInt64(seed))
    // Passes and what is asked of each model when it is loaded.
    var passesLeft = Int.random(in: 0..<14, using: &random)
    let bench = try GenerateBench()
    let (original, copy) = (bench.storePath, bench.folder.path + "/copy.sqlite")
    bench.onPass = { _ in
      passesLeft -= 1
      guard passesLeft == -1 else { return }
      for suffix in ["", "-wal"] {
        try? FileManager.default.copyItem(atPath: original + suffix, toPath: copy + suffix)
      }
    }
    let whole = try bench.run(spec)
    try #require(FileManager.default.fileExists(atPath: copy), "seed \(seed)")
    let before = try RunStore(path: copy).storedPasses(whole.run.id)
    var repeated: [String] = []
    bench.onPass = { repeated.append($0) }
    let resumed = try bench.run(spec, resume: true, storePath: copy)
    #expect(resumed.run.id == whole.run.id, "seed \(seed)")
    func outcome(_ record: RunRecord) -> [String] {
      record.cases.map { one in
        let counts = one.metrics.filter { $0.value.kind == .count }.map { "\($0.key) \($0.value)" }.sorted()
        let samples = one.metrics["output_tokens_per_second"]?.n ?? 0
        return "\(one.id) \(one.failure ?? "") \(one.metrics.keys.sorted()) \(counts) \(samples)"
      }.sorted()
    }
    #expect(outcome(resumed) == outcome(whole), "seed \(seed)")
    // What was stored is not measured again; the adapter that refuses is asked, and each model loaded, once more.
    let stored = before.values.map { $0.subtracting([0]).count }.reduce(0, +)
    #expect(repeated.count <= 14 - stored + 4, "seed \(seed): \(repeated)")
  }

  @Test func aFailingCaseStopsNoOther() throws {
    let record = try GenerateBench().run(
      """
        - workload: generate
          prompts: [\(fixed)]
          requests: 2
          models: [bytes, missing, "llama-13b:device=h100"]
          adapters: [{adapter: crash-generate, model: bytes}, {adapter: perl, model: bytes}]
          policies: ["static:reservation=model", paged]
          kv_blocks: 4
          max_model_len: 100
          repetitions: 2
      """)
    let failures = Dictionary(uniqueKeysWithValues: record.cases.map { ($0.id, $0.failure) })
    let name = "generate/lengths:prompt=20,output=3"
    #expect(failures["\(name)/bytes/paged/n=1"] == .some(nil))
    #expect(failures["\(name)/perl/bytes/n=1"] == .some(nil))
    #expect(failures["\(name)/missing/paged/n=1"] == "no model is called missing")
    #expect(
      failures["\(name)/crash-generate/bytes/n=1"]??.hasPrefix(
        "adapter crash-generate ended with signal 11 during generate") == true)
    // 100 tokens do not fit into four blocks of 16.
    for model in ["bytes", "llama-13b/device=h100"] {
      let sentence = failures["\(name)/\(model)/static/reservation=model/n=1"] ?? nil
      #expect(sentence?.isEmpty == false && sentence?.contains("\n") == false, "\(sentence ?? "no failure")")
    }
  }

  @Test func aBudgetBelowOneBlockIsSaid() throws {
    let record = try GenerateBench().run(
      """
        - {workload: generate, prompts: [\(fixed)], requests: 1, models: [bytes], kv_memory: 1kB, max_model_len: 100}
      """)
    #expect(
      record.cases.first?.failure == "the KV budget holds no block of 16 tokens, which takes 1600 bytes",
      "\(record.cases)")
  }

  @Test func aModelTakesNoMoreThanItsContext() throws {
    let record = try GenerateBench().run(
      "  - {workload: generate, prompts: [\(fixed)], requests: 1, models: [bytes], max_model_len: 1001}")
    #expect(
      record.cases.first?.failure == "max_model_len 1001 is more than the 1000 tokens that the model takes",
      "\(record.cases)")
  }
}
