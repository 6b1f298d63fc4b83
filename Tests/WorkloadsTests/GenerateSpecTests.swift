import Experiments
import Generation
import RunStore
import Testing
import Workloads
import YAML

/// What a section says, and what is wrong with it.
@Suite struct GenerateSpecTests {
  /// Each line of a section, what it must say, and in which line of the file.
  @Test(arguments: [
    ("prompts: [lengths]", "lengths need a 'prompt' and an 'output'"),
    ("prompts: [\"lengths:prompt=512\"]", "lengths need a 'prompt' and an 'output'"),
    (
      "prompts: [\"lengths:prompt=0,output=1\"]",
      "prompt is a length such as 512, a range such as 32-256 or a mean such as"
    ),
    ("prompts: [\"lengths:prompt=9-4,output=1\"]", "not '9-4'"),
    ("prompts: [\"lengths:prompt=~0.5,output=1\"]", "not '~0.5'"),
    ("prompts: [\"lengths:prompt=1-2-3,output=1\"]", "not '1-2-3'"),
    ("prompts: [\"lengths:prompt=512,output=1,sigma=1\"]", "lengths has no parameter 'sigma'"),
    ("prompts: [\"lengths:prompt=512,output=1,prompt_sigma=1\"]", "prompt_sigma is the spread of log-normal lengths"),
    ("prompts: [\"sharegpt:output_sigma=9\"]", "output_sigma is a number from 0.01 to 5, not '9'"),
    ("prompts: [\"mt-bench:prompt=9\"]", "mt-bench has no parameter 'prompt'"),
    ("prompts: [corpus]", "a corpus needs its 'name', such as corpus:name=handbook"),
    ("prompts: [\"corpus:name=a,part=answers\"]", "a corpus has no part 'answers'"),
    ("prompts: [\"corpus:name=a,prompt=9\"]", "corpus has no parameter 'prompt'"),
    ("prompts: []", "says no 'prompts', such as [sharegpt"), ("prompts: [{as: x}]", "says no 'source'"),
    ("n: 0", "must hold integers from 1 to 1024, not '0'"), ("n: [1, two]", "not 'two'"),
    ("requests: 0", "must be an integer from 1"), ("outputs: some", "equal"),
    ("policies: [pagd]", "unknown policy 'pagd'; did you mean 'paged'?"),
    ("policies: [\"static:sharing=true\"]", "static has no parameter 'sharing'"),
    ("policies: [\"paged:reservation=model\"]", "paged has no parameter 'reservation'"),
    ("policies: [\"static:reservation=all\"]", "'all' is no reservation"),
    ("policies: [\"paged:block_size=0\"]", "block_size is a number of tokens from 1 to 1024, not '0'"),
    ("policies: [\"paged:sharing=maybe\"]", "sharing is true or false, not 'maybe'"),
    ("policies: [{policy: paged, as: p}]", "leave 'as' out"),
    ("models: [\"llama-13b:device=a100\"]", "no simulation: unknown device 'a100'"),
    ("models: [\"bytes:device=h100\"]", "no simulation: unknown model 'bytes'"),
    ("models: [\"bytes:precision=f32\"]", "a model has no parameter 'precision'"),
    ("adapters: [{adapter: vllm}]", "says no 'model' that the adapter runs"),
    ("adapters: [{model: bytes}]", "says no 'adapter'"), ("adapters: [vllm]", "must be a mapping such as {adapter:"),
    ("kv_memory: 0", "must be a size such as 64MiB or 2GB"), ("kv_memory: some", "must be a size such as 64MiB"),
    ("kv_blocks: 0", "must be an integer from 1"),
    ("{kv_memory: 1GB, kv_blocks: 3}", "'kv_blocks' gives the same budget"),
    ("max_tokens: 0", "must be exact, model, or a number of tokens"), ("max_tokens: all", "must be exact, model"),
    ("max_model_len: 1", "must be an integer from 2"), ("max_num_seqs: 0", "must hold integers from 1"),
    ("temperature: -1", "must be a number from 0"), ("threads: 0", "must hold integers from 1"),
    ("max_num_batched_tokens: 0", "must be an integer from 1"), ("kv_memry: 1GB", "unknown key 'kv_memry'"),
  ])
  func aMistakeIsSaidWithItsLine(line: String, reason: String) throws {
    let bench = try GenerateBench()
    let key = line.split(separator: ":")[0]
    var lines = ["prompts: [sharegpt]", "models: [bytes]"].filter { !$0.hasPrefix(key + ":") }
    lines.append(
      contentsOf: line.hasPrefix("{") ? line.dropFirst().dropLast().split(separator: ", ").map(String.init) : [line])
    let spec = "  - workload: generate\n" + lines.map { "    \($0)\n" }.joined()
    let error = #expect(throws: SpecError.self) { try bench.plan(spec) }
    let sentence = error?.description ?? ""
    #expect(sentence.contains(reason), "\(sentence)")
    // After "seed", "experiments" and the workload's line come two or three of the section.
    #expect(error?.problems.allSatisfy { (3...6).contains($0.place.line) } == true, "\(sentence)")
  }

  @Test func nothingToRunIsSaid() throws {
    let error = try #require(throws: SpecError.self) {
      try GenerateBench().plan("  - {workload: generate, prompts: [sharegpt]}")
    }
    #expect(error.description.contains("says neither 'models', such as [smollm2-135m], nor 'adapters'"))
  }

  @Test(arguments: [
    ("lengths:prompt=1500,output=600", "lengths up to 1500 do not fit into the 1448 tokens"),
    ("lengths:prompt=1-2048,output=1", "lengths up to 2048 do not fit into the 2047 tokens"),
    ("lengths:prompt=~1000,output=~100", "a mean of 1000.0 is too near the longest, 1024; it is at most 921"),
  ])
  func lengthsMustFitTheModel(source: String, reason: String) throws {
    let error = try #require(throws: ExperimentError.self) {
      try GenerateBench().plan("  - {workload: generate, prompts: [\"\(source)\"], models: [bytes]}")
    }
    #expect(error.description.contains(source) && error.description.contains(reason), "\(error)")
  }

  @Test func filesMustHaveEnoughRequests() throws {
    let bench = try GenerateBench()
    let trace = try bench.file("t.csv", "ContextTokens,GeneratedTokens\n10,5\n5000,3\n20,7\n")
    #expect {
      try bench.plan("  - {workload: generate, prompts: [\(trace)], requests: 3, models: [bytes]}")
    } throws: {
      "\($0)".contains("t.csv: 2 requests fit the model's 2048 tokens, and 3 are asked for")
    }
    let plan = try bench.plan("  - {workload: generate, prompts: [\(trace)], models: [bytes]}")
    #expect(plan.cases[0].labels["requests"] == "2" && plan.cases[0].labels["dataset"] == "t.csv")
    #expect { try bench.plan("  - {workload: generate, prompts: [mt-bnch], models: [bytes]}") } throws: {
      "\($0)".contains("no prompts mt-bnch here")
    }
  }

  @Test func longRowsOfATraceAreWarnedOf() throws {
    let bench = try GenerateBench()
    let trace = try bench.file("t.csv", "ContextTokens,GeneratedTokens\n10,5\n5000,3\n20,7\n")
    let record = try bench.run(
      "  - {workload: generate, prompts: [\(trace)], models: [bytes], max_model_len: 100, repetitions: 1, warmup: 0}")
    #expect(record.run.warnings == ["t.csv: 1 requests are longer than max_model_len 100 and left out"])
    #expect(record.cases[0].metrics["prompt_tokens"]?.value == 30)
    #expect(record.cases[0].metrics["output_tokens"]?.value == 12)
  }

  @Test func wordsNeedATokenizer() throws {
    let bench = try GenerateBench()
    let prompts = try bench.file(
      "p.jsonl", "{\"prompt\": \"Grüße\", \"output_tokens\": 4}\n{\"turns\": [\"ab\", \"c\"]}\n")
    let record = try bench.run(
      """
        - workload: generate
          prompts: ["\(prompts):output=9"]
          models: [bytes, "opt-13b:device=h100"]
          max_model_len: 100
          repetitions: 1
          warmup: 0
      """)
    let own = try #require(record.cases.first { $0.labels["engine"] == "ragmeter" })
    #expect(own.failure == nil && own.labels["dataset"] == "p.jsonl:output=9")
    #expect(own.metrics["prompt_tokens"]?.value == 9 && own.metrics["output_tokens"]?.value == 13)
    let simulated = try #require(record.cases.first { $0.labels["engine"] == "simulation" })
    #expect(simulated.failure?.contains("holds words, and this model has no tokenizer; take lengths") == true)
  }

  @Test func theSeedDecidesTheRequests() throws {
    let bench = try GenerateBench()
    func hash(_ rest: String = "n: 1", source: String = "sharegpt", seed: Int = 1) throws -> String {
      try bench.plan("  - {workload: generate, prompts: [\(source)], models: [bytes], \(rest)}", seed: seed)
        .workloadHash
    }
    #expect(try hash() == hash())
    #expect(try hash(seed: 2) != hash())
    #expect(try hash("requests: 65") != hash("requests: 64"))
    #expect(try hash("{n: 3, outputs: independent}".dropFirst().dropLast().description) != hash("n: 3"))
  }
}
