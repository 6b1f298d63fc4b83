internal import Generation
internal import Instrumentation

/// Runs all requests through an engine's core, one step after the other, and adds up what the steps tell.
struct EngineCorePass {
  private let core: EngineCore
  private let requests: GenerationRequests
  private var prefill = GenerationPass.Phase(tokens: 0, seconds: 0)
  private var decode = GenerationPass.Phase(tokens: 0, seconds: 0)
  private var seconds = 0.0
  private var paddedOutputs = 0
  private var finished = 0
  private var memory: KVUsage

  /// - Parameters:
  ///   - blocks: the KV budget, whole blocks of the policy's size.
  ///   - vocabulary: size of the model's.
  /// - Throws: `GenerationError` for a setting under which nothing can run, and a request that never can.
  init(
    _ requests: GenerationRequests, _ setting: GenerationSetting, executor: any ModelExecutor, blocks: Int,
    bytesPerBlock: Int, vocabulary: Int, threads: Int
  ) throws {
    let configuration = SchedulerConfiguration(
      policy: setting.policy, blockCount: blocks, maxBatchedTokens: setting.maxBatchedTokens,
      maxSequences: setting.maxSequences, maxModelLength: setting.maxModelLength)
    core = try EngineCore(
      executor: executor, configuration: configuration, vocabularySize: vocabulary, seed: setting.seed,
      threads: threads)
    self.requests = requests
    memory = KVUsage(blocks: blocks, blockSize: setting.policy.blockSize, bytesPerBlock: bytesPerBlock)
    for request in requests.requests {
      var sampling = SamplingParameters()
      sampling.temperature = setting.temperature
      sampling.n = request.outputLengths.count
      sampling.maxTokens = request.maxTokens
      sampling.ignoreEOS = true
      try core.add(prompt: request.prompt, sampling: sampling, scriptedLengths: request.outputLengths)
    }
  }

  /// - Throws: `GenerationError` of the executor; `EngineError` if it stops before all outputs have their lengths.
  mutating func run() throws -> GenerationPass {
    let start = MonotonicClock.now()
    var before = start
    var isVirtual = false
    while let report = try core.step() {
      let now = MonotonicClock.now()
      let step = report.seconds ?? MonotonicClock.seconds(from: before, to: now)
      before = now
      if report.seconds != nil { isVirtual = true }
      count(report, seconds: step)
    }
    let wall = MonotonicClock.seconds(from: start, to: MonotonicClock.now())
    guard finished == requests.outputs else {
      throw EngineError("the engine finished \(finished) of \(requests.outputs) outputs and has nothing left to do")
    }
    memory.totals = core.scheduler.totals
    return GenerationPass(
      seconds: isVirtual ? seconds : wall, prefill: prefill.tokens > 0 ? prefill : nil,
      decode: decode.tokens > 0 ? decode : nil, generatedTokens: requests.outputTokens + paddedOutputs,
      memory: memory, wallSeconds: isVirtual ? wall : nil)
  }

  /// A step with prompt tokens counts as prefill, whatever outputs go on in it, as the protocol of adapters has it.
  private mutating func count(_ report: StepReport, seconds step: Double) {
    let statistics = report.statistics
    seconds += step
    if statistics.prefillTokens > 0 {
      prefill.tokens += statistics.prefillTokens
      prefill.seconds += step
    } else {
      decode.tokens += statistics.decodeTokens
      decode.seconds += step
      paddedOutputs += statistics.paddingTokens
    }
    for outcome in report.outcomes where outcome.finished != nil { finished += 1 }
    memory.blocksShared += statistics.blocksShared
    let (blocks, now) = (Double(memory.blocks), seconds)
    let slots = blocks * Double(memory.blockSize)
    memory.timeline.append(
      KVTimeline.Point(
        seconds: now, used: Double(statistics.blocksUsed) / blocks, stored: Double(statistics.tokensStored) / slots))
  }
}
