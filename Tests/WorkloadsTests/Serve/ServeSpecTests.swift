import Experiments
import Foundation
import Testing
import Workloads

@Suite struct ServeSpecTests {
  private func mistakes(_ section: String) throws -> [String] {
    do {
      _ = try ServeBench().plan(section)
      return []
    } catch let error as SpecError {
      return error.problems.map { "\($0.key): \($0.reason)" }
    }
  }

  private let servers = "servers: [{start: ragmeter, model: bytes}], prompts: [\"lengths:prompt=20,output=3\"]"

  @Test func everyCombinationIsACase() throws {
    let plan = try ServeBench().plan(
      """
        - workload: serve
          servers:
            - {start: ragmeter, model: bytes, kv_policy: [static, paged], sharing: [true, false]}
            - {url: "http://127.0.0.1:1", preset: vllm, model: org/large, as: theirs}
          prompts: [{source: lengths, prompt: 20, output: 3, as: short}]
          n: [1, 2]
          compare_n: true
          load: [{concurrency: [1, 4]}, {rate: 2, arrivals: "gamma:burstiness=0.5"}]
          kv_ceiling: [none, 0.9]
          slo: {ttft: 500ms}
      """)
    // Servers × (one output, two, two by two requests) × ceilings × loads.
    #expect(plan.cases.count == 5 * 3 * 2 * 3)
    let ids = Set(plan.cases.map(\.id))
    #expect(ids.count == plan.cases.count)
    #expect(ids.contains("serve/short/ragmeter/bytes/kv_policy=paged,sharing=false/n=1/concurrency=4"))
    #expect(ids.contains("serve/short/theirs/large/n=2,split,kv_ceiling=0.9/rate=2,arrivals=gamma:burstiness=0.5"))
    let one = try #require(
      plan.cases.first { $0.id.hasSuffix("static,sharing=true/n=2,split,kv_ceiling=0.9/concurrency=1") })
    #expect(
      one.labels == [
        "dataset": "short", "engine": "ragmeter", "model": "bytes", "kv_policy": "static", "sharing": "true", "n": "2",
        "outputs_as": "requests", "kv_ceiling": "0.9", "load": "concurrency=1", "concurrency": "1", "slo": "ttft=500ms",
      ])
    let open = try #require(plan.cases.first { $0.id.contains("theirs") && $0.id.contains("rate") })
    #expect(open.labels["rate"] == "2" && open.labels["arrivals"] == "gamma:burstiness=0.5")
    #expect(open.labels["model"] == "large")
  }

  @Test func mistakesAreToldAllAtOnce() throws {
    let found = Set(
      try mistakes(
        """
          - workload: serve
            servers: [{start: vllm, model: m}, {start: ragmeter}, {start: ragmeter, model: m, kv_polcy: paged},
              {start: ragmeter, model: m, sharing: maybe}, {preset: vlm, url: "http://x"}, {model: m},
              {url: "http://x", ready: /up}, 3]
            prompts: [{source: lengths, prompt: 20, output: 3}]
            load: [{concurrency: 0}, {rate: 1, concurrency: 1}, {}, {rate: 1, arrivals: pareto}, {ramp: {from: 1}},
              {rate: 1, arrivals: gamma}, {sweep: {from: 4, to: 2}}, {concurrency: 1, think: soon}]
            slo: {ttft: fast, tbt: 3ms}
            kv_ceiling: [none, 2]
            timeouts: {conect: 3s}
            prefix: {distinct: 2}
            sessions: {turns: some}
        """))
    let expected: Set = [
      "experiments[0].servers[0].start: 'vllm' is no server of ours; start ragmeter, or give a 'command' and its 'url'",
      "experiments[0].servers[1]: says no 'model' to serve, such as smollm2-135m",
      "experiments[0].servers[2].kv_polcy: ragmeter serve has no parameter 'kv_polcy'; did you mean 'kv_policy'?",
      "experiments[0].servers[3]: sharing is true or false, not 'maybe'",
      "experiments[0].servers[4].preset: no server is called 'vlm'; did you mean 'vllm'?",
      "experiments[0].servers[5]: says neither 'start: ragmeter' nor the 'url' of a server",
      "experiments[0].servers[6].ready: is for a server that a 'command' starts",
      "experiments[0].servers[7]: must be a mapping such as those of [{start: ragmeter, model: smollm2-135m}, "
        + "{url: http://127.0.0.1:8000, preset: vllm}], not '3'",
      "experiments[0].load[0].concurrency: must hold integers from 1 to 1000000, not '0'",
      "experiments[0].load[1]: is concurrency and rate at once; give each an entry of its own",
      "experiments[0].load[2]: is one of concurrency, rate, ramp, trace or sweep",
      "experiments[0].load[3].arrivals: 'pareto' is no law of arrivals; known here: poisson, constant, gamma",
      "experiments[0].load[4].ramp: says no 'to'", "experiments[0].load[4].ramp: says no 'seconds'",
      "experiments[0].load[5].arrivals: gamma needs its shape alone: gamma:burstiness=0.5",
      "experiments[0].load[6].sweep.to: must be above 'from', 4",
      "experiments[0].load[7].think: must be a time such as 2s, or ~2s for one that varies, not 'soon'",
      "experiments[0].slo.ttft: must be a time such as 500ms or 2s, not 'fast'",
      "experiments[0].slo.tbt: unknown key 'tbt'; known here: ttft, itl, tpot, e2e",
      "experiments[0].kv_ceiling[1]: must be none or a share of the KV memory such as 0.9, not '2'",
      "experiments[0].timeouts.conect: unknown key 'conect'; did you mean 'connect'?",
      "experiments[0].prefix: says neither 'system', tokens of a system prompt, nor 'passages'",
      "experiments[0].sessions.turns: must be recorded, a number such as 3, or a range such as 2-5, not 'some'",
      "experiments[0].load: a sweep looks for the highest rate that keeps the 'slo', such as {ttft: 500ms, itl: 50ms}",
    ]
    #expect(found.subtracting(expected) == [])
    #expect(expected.subtracting(found) == [])
    #expect(
      try mistakes("  - {workload: serve}") == [
        "experiments[0]: says no 'load', such as [{concurrency: [1, 4, 16]}, {rate: [1, 2, 4]}]",
        "experiments[0]: says no 'prompts', such as [sharegpt, \"lengths:prompt=32-256,output=16-256\"]",
        "experiments[0]: says no 'servers', such as [{start: ragmeter, model: smollm2-135m}, {url: http://127.0.0.1:8000, preset: vllm}]",
      ])
  }

  @Test(arguments: [
    ("500ms", 0.5), ("2s", 2), ("1.5min", 90), ("0.25", 0.25), ("2 s", 2), ("0", nil), ("-1s", nil), ("ms", nil),
    ("1h", nil), ("nan", nil), ("inf", nil), ("", nil),
  ])
  func spansOfTime(word: String, seconds: Double?) {
    #expect(SecondsWord.seconds(word) == seconds)
    if let seconds { #expect(SecondsWord.seconds(SecondsWord.text(seconds)) == seconds) }
  }

  /// A key of the environment is a name here and nowhere a value.
  @Test func seedsServersAndLoadsDecideTheHash() throws {
    let bench = try ServeBench()
    func hash(_ load: String = "concurrency: 1", seed: Int = 1, more: String = "") throws -> String {
      try bench.plan("  - {workload: serve, \(servers), load: [{\(load)}]\(more)}", seed: seed).workloadHash
    }
    #expect(try hash() == hash())
    #expect(try hash(seed: 2) != hash())
    #expect(try hash("concurrency: 2") != hash())
    #expect(try hash(more: ", slo: {ttft: 1s}") != hash())
  }
}
