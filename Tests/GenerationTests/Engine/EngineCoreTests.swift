import Generation
import Kernels
import Testing

/// The loop of scheduler, executor and sampler against runs that know none of them.
@Suite struct EngineCoreTests {
  struct Output: Equatable {
    var tokens: [Int32] = []
    var reason: FinishReason?
  }

  private func configuration(
    _ batching: KVPolicy.Batching = .paged, blocks: Int = 200, blockSize: Int = 4, batch: Int = 64, sequences: Int = 16,
    length: Int = 80
  ) -> SchedulerConfiguration {
    SchedulerConfiguration(
      policy: KVPolicy(batching: batching, blockSize: blockSize), blockCount: blocks, maxBatchedTokens: batch,
      maxSequences: sequences, maxModelLength: length)
  }

  private func core(_ executor: any ModelExecutor, _ configuration: SchedulerConfiguration) throws -> EngineCore {
    try EngineCore(executor: executor, configuration: configuration, vocabularySize: FakeExecutor.vocabularySize)
  }

  /// Runs until nothing is left; leaves no block behind.
  @discardableResult private func finish(
    _ core: EngineCore, into outputs: inout [ChoiceID: Output],
    after step: (StepReport, inout [ChoiceID: Output]) -> Void = { _, _ in }
  ) throws -> Int {
    var steps = 0
    while let report = try core.step() {
      steps += 1
      for outcome in report.outcomes {
        #expect(outputs[outcome.choice]?.reason == nil, "nothing follows the end of an output")
        outputs[outcome.choice, default: Output()].tokens.append(outcome.token)
        outputs[outcome.choice, default: Output()].reason = outcome.finished
      }
      step(report, &outputs)
    }
    #expect(core.scheduler.pool.usedCount == 0 && !core.hasWork)
    return steps
  }

  /// Requests of all kinds, some with the beginning of others.
  private func requests(_ count: Int, _ random: inout SplitMix64) -> [(prompt: [Int32], sampling: SamplingParameters)] {
    let stems = (0..<3).map { _ in (0..<30).map { _ in Int32.random(in: 0..<250, using: &random) } }
    return (0..<count).map { index in
      let stem = stems.randomElement(using: &random) ?? []
      let own = (0..<Int.random(in: 1...12, using: &random)).map { _ in Int32.random(in: 0..<250, using: &random) }
      var sampling = SamplingParameters()
      sampling.temperature = index % 3 == 0 ? 0 : 0.8
      sampling.n = index % 3 == 0 ? 1 : Int.random(in: 1...4, using: &random)
      sampling.topP = index % 2 == 0 ? 1 : 0.9
      sampling.repetitionPenalty = index % 4 == 0 ? 1.3 : 1
      sampling.frequencyPenalty = index % 5 == 0 ? 0.5 : 0
      sampling.seed = random.next() >> 8
      sampling.maxTokens = index % 7 == 0 ? nil : Int.random(in: 1...24, using: &random)
      sampling.minTokens = min(index % 4, sampling.maxTokens ?? 9)
      sampling.ignoreEOS = index % 6 == 0
      return (Array(stem.prefix(Int.random(in: 0...30, using: &random))) + own, sampling)
    }
  }

  @Test(arguments: KVPolicy.Batching.allCases) func companyAndPagingChangeNoToken(batching: KVPolicy.Batching) throws {
    let ends: [Int32] = [7, 19, 101]
    for seed in UInt64(0)..<24 {
      var random = SplitMix64(seed: seed)
      var settings = configuration(
        batching, blocks: [30, 60, 300].randomElement(using: &random) ?? 60,
        blockSize: [1, 4, 16].randomElement(using: &random) ?? 4,
        batch: [8, 17, 200].randomElement(using: &random) ?? 8,
        sequences: 8)
      if settings.policy.blockSize == 1 { settings.blockCount *= 8 }
      if batching == .paged {
        settings.policy.sharing = Bool.random(using: &random)
        settings.policy.prefixCache = Bool.random(using: &random)
      }
      let executor = FakeExecutor(settings)
      let core = try core(executor, settings)
      var expected: [ChoiceID: Output] = [:]
      var got: [ChoiceID: Output] = [:]
      for (prompt, sampling) in requests(14, &random) {
        let id = try core.add(prompt: prompt, sampling: sampling, endTokens: ends)
        for choice in 0..<sampling.n {
          let alone = try LoneRun.tokens(
            prompt: prompt, sampling: sampling, choice: choice, endTokens: ends, maxModelLength: 80, executor: executor)
          expected[ChoiceID(request: id, index: choice)] = Output(tokens: alone.tokens, reason: alone.reason)
        }
        // Some come while others run.
        if Bool.random(using: &random), let report = try core.step() {
          for outcome in report.outcomes {
            got[outcome.choice, default: Output()].tokens.append(outcome.token)
            got[outcome.choice, default: Output()].reason = outcome.finished
          }
        }
      }
      try finish(core, into: &got)
      #expect(got == expected, "seed \(seed)")
    }
  }

  @Test func tightMemoryPreempts() throws {
    let settings = configuration(blocks: 22, batch: 32, sequences: 8)
    let executor = FakeExecutor(settings)
    let core = try core(executor, settings)
    var got: [ChoiceID: Output] = [:]
    for index in Int32(0)..<6 {
      var sampling = SamplingParameters()
      sampling.temperature = 0
      sampling.maxTokens = 40
      try core.add(prompt: [index, 1, 2], sampling: sampling)
    }
    try finish(core, into: &got)
    #expect(core.scheduler.totals.preemptions > 0)
    for (choice, output) in got {
      var sampling = SamplingParameters()
      (sampling.temperature, sampling.maxTokens) = (0, 40)
      let alone = try LoneRun.tokens(
        prompt: [Int32(choice.request), 1, 2], sampling: sampling, choice: 0, endTokens: [], maxModelLength: 80,
        executor: executor)
      #expect(output.tokens == alone.tokens && output.reason == .length)
    }
  }

  @Test(arguments: KVPolicy.Batching.allCases) func aStepThatFailsOnceIsRepeated(batching: KVPolicy.Batching) throws {
    var random = SplitMix64(seed: 3)
    let wanted = requests(8, &random)
    func outputs(failing: Set<Int>, broken: Set<Int>) throws -> [ChoiceID: Output] {
      let settings = configuration(batching)
      let executor = FakeExecutor(settings)
      (executor.failingSteps, executor.brokenSteps) = (failing, broken)
      let core = try core(executor, settings)
      var got: [ChoiceID: Output] = [:]
      for (prompt, sampling) in wanted { try core.add(prompt: prompt, sampling: sampling, endTokens: [5]) }
      try finish(core, into: &got)
      return got
    }
    let undisturbed = try outputs(failing: [], broken: [])
    #expect(try outputs(failing: [0, 4, 9], broken: [6]) == undisturbed)
  }

  @Test func aStepThatFailsTwiceEndsItsRequestsAlone() throws {
    var settings = configuration(sequences: 2)
    settings.maxBatchedTokens = 16
    let executor = FakeExecutor(settings)
    executor.failingSteps = [3, 4]
    let core = try core(executor, settings)
    var sampling = SamplingParameters()
    sampling.maxTokens = 8
    for index in Int32(0)..<4 { try core.add(id: Int(index) + 10, prompt: [index, 2, 3], sampling: sampling) }
    var got: [ChoiceID: Output] = [:]
    #expect {
      try finish(core, into: &got)
    } throws: { error in
      let failure = error as? StepFailure
      return failure?.requests == [10, 11] && failure?.description.contains("the cable is loose") == true
    }
    try finish(core, into: &got)
    #expect(got.filter { $0.value.reason == .length }.keys.map(\.request).sorted() == [12, 13])
  }

  @Test func cancelledAndFinishedOutputsLeaveNothing() throws {
    var random = SplitMix64(seed: 11)
    for seed in 0..<30 {
      let settings = configuration(KVPolicy.Batching.allCases[seed % 3], blocks: 80)
      let core = try core(FakeExecutor(settings), settings)
      var ids: [Int] = []
      var taken: Set<Int> = []
      for (prompt, sampling) in requests(9, &random) { ids.append(try core.add(prompt: prompt, sampling: sampling)) }
      var got: [ChoiceID: Output] = [:]
      try finish(core, into: &got) { _, got in
        guard let id = ids.randomElement(using: &random) else { return }
        if Bool.random(using: &random), !taken.contains(id) {
          taken.insert(id)
          core.cancel(id)
        } else if let choice = got.keys.filter({ got[$0]?.reason == nil }).min(), !taken.contains(choice.request) {
          core.finish(choice)
          got[choice]?.reason = .stop
        }
      }
      #expect(got.allSatisfy { $0.value.reason != nil || taken.contains($0.key.request) }, "seed \(seed)")
    }
  }

  @Test func scriptedLengthsAndStopTokensEndOutputs() throws {
    let settings = configuration()
    let executor = FakeExecutor(settings)
    let core = try core(executor, settings)
    var sampling = SamplingParameters()
    (sampling.n, sampling.maxTokens) = (3, 20)
    try core.add(prompt: [1, 2], sampling: sampling, scriptedLengths: [1, 7, 30])
    var got: [ChoiceID: Output] = [:]
    try finish(core, into: &got)
    #expect(got[ChoiceID(request: 0, index: 0)]?.tokens.count == 1)
    #expect(got[ChoiceID(request: 0, index: 1)]?.tokens.count == 7)
    #expect(got[ChoiceID(request: 0, index: 2)]?.tokens.count == 20)
    #expect((0..<3).map { got[ChoiceID(request: 0, index: $0)]?.reason } == [.stop, .stop, .length])
  }

  /// An executor that computes nothing gives no logits; every token is one of a kind.
  @Test func withoutLogitsOutputsEndByTheirLengths() throws {
    final class Nothing: ModelExecutor {
      func execute(_ step: ScheduledStep) throws -> ExecutedStep { ExecutedStep(seconds: 0.5) }
    }
    let core = try core(Nothing(), configuration())
    for _ in 0..<5 { try core.add(prompt: [1, 2, 3], sampling: SamplingParameters(), scriptedLengths: [11]) }
    var got: [ChoiceID: Output] = [:]
    var seconds = 0.0
    let steps = try finish(core, into: &got) { report, _ in seconds += report.seconds ?? 0 }
    #expect(seconds == Double(steps) / 2)
    #expect(got.values.allSatisfy { $0.tokens.count == 11 && $0.reason == .stop })
    #expect(Set(got.values.flatMap(\.tokens)).count == 55)
  }

  @Test func whatCanNeverBeServedIsRefused() throws {
    let settings = configuration(blocks: 6)
    let core = try core(FakeExecutor(settings), settings)
    let fine = SamplingParameters()
    func refusal(_ prompt: [Int32], _ sampling: SamplingParameters) -> String {
      do {
        try core.add(prompt: prompt, sampling: sampling)
        return "accepted"
      } catch { return error.description }
    }
    #expect(refusal([], fine).contains("prompt is empty"))
    #expect(refusal([3, 300], fine) == "token 1 of the prompt is 300, and the model has tokens 0 to 299")
    #expect(refusal([-1], fine).hasPrefix("token 0 of the prompt is -1"))
    #expect(refusal(Array(repeating: 1, count: 80), fine).contains("max_model_len"))
    #expect(refusal(Array(repeating: 1, count: 30), fine).contains("KV budget"))
    var none = fine
    none.n = 0
    #expect(refusal([1], none) == "n must be 1 or more, not 0")
    #expect(throws: GenerationError.self) {
      try EngineCoreTests().core(FakeExecutor(settings), configuration(blocks: 0))
    }
    #expect(!core.hasWork)
  }

  /// Whatever is asked for is refused or served, and leaves nothing behind.
  @Test func parametersOfAllKinds() throws {
    var random = SplitMix64(seed: 77)
    /// Mostly what is right, now and then something that is not.
    func any<Value>(_ right: Value..., wrong: Value...) -> Value {
      (Int.random(in: 0..<30, using: &random) == 0 ? wrong : right).randomElement(using: &random) ?? right[0]
    }
    var served = 0
    var refused = 0
    for round in 0..<200 {
      let settings = configuration(KVPolicy.Batching.allCases[round % 3], blocks: 60)
      let core = try core(FakeExecutor(settings), settings)
      for _ in 0..<6 {
        var sampling = SamplingParameters()
        sampling.temperature = any(0.3, 1, 100, 1e-4, wrong: -1, .nan, 0, 1e-9)
        sampling.topK = any(0, 1, 7, 299, 300, 100_000, wrong: -1)
        sampling.topP = any(1, 0.5, 1e-9, wrong: 0, 2, .nan)
        sampling.minP = any(0, 1, 0.5, 1e-30, wrong: 2, -1)
        sampling.repetitionPenalty = any(1, 1.5, 0.1, 1e30, wrong: 0, -1)
        sampling.presencePenalty = any(0, 2, -2, wrong: 9)
        sampling.frequencyPenalty = any(0, 2, -2, wrong: .infinity)
        sampling.logitBias = any([:], [3: 100, 5: -100], wrong: [300: 1], [1: .nan])
        sampling.seed = any(nil, 0, .max)
        sampling.n = any(1, 2, 5, wrong: 0, -3, 100, .max)
        sampling.bestOf = any(nil, nil, 5, wrong: 0, .max)
        sampling.maxTokens = any(nil, 9, 30, 1_000_000, .max, wrong: 0, -1)
        sampling.minTokens = any(0, 3, 9, wrong: -1, .max)
        sampling.stopTokens = any([], [1, 2, 3], Array(0..<300), wrong: [-4])
        sampling.logprobs = any(nil, 0, 20, wrong: 21, -1)
        sampling.ignoreEOS = any(true, false)
        do {
          try core.add(
            prompt: Array(repeating: 4, count: any(1, 5, 40, 79, wrong: 80, 0)), sampling: sampling,
            endTokens: any([], [9]))
          served += 1
        } catch {
          refused += 1
          #expect(!error.description.contains("\n") && error.description.count < 300)
        }
      }
      var got: [ChoiceID: Output] = [:]
      try finish(core, into: &got)
      #expect(got.values.allSatisfy { $0.reason != nil }, "round \(round)")
    }
    #expect(served > 300 && refused > 300)
  }
}
