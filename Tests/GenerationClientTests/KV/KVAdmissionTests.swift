import Generation
import GenerationClient
import TestFixtures
import Testing

@Suite struct KVAdmissionTests {
  /// A server of few blocks and a client that sends as it is let, step by step.
  private struct Serving {
    var scheduler: Scheduler
    var admission: KVAdmission
    var isHeld: Bool
    var line: [ScheduledRequest]
    /// Of those in flight, each output's tokens, and how many have not ended.
    var inFlight: [Int: (tokens: [Int], unfinished: Int)] = [:]
    var sent: [Int] = []
    var step = ScheduledStep()
    var token: Int32 = 1_000_000
    /// The most blocks that were in use while more than one request was in flight.
    var most = 0

    init(_ configuration: SchedulerConfiguration, _ requests: [ScheduledRequest], ceiling: Double, isHeld: Bool) throws
    {
      scheduler = try Scheduler(configuration)
      let policy = configuration.policy
      admission = KVAdmission(
        forecast: KVForecast(
          blockSize: policy.blockSize, blockCount: configuration.blockCount,
          sharing: policy.sharing ? .copyOnWrite : .none), ceiling: ceiling)
      self.isHeld = isHeld
      line = requests
    }

    static func admissible(_ request: ScheduledRequest, isExact: Bool) -> KVAdmission.Request {
      KVAdmission.Request(
        id: request.id, promptTokens: request.prompt.count, outputs: request.choices, maxTokens: request.maxTokens,
        isExact: isExact)
    }

    /// - Returns: whether there is more to do.
    mutating func advance(arrivals: Int, isExact: Bool) throws -> Bool {
      for _ in 0..<arrivals {
        guard let first = line.first else { break }
        let request = Self.admissible(first, isExact: isExact)
        guard !isHeld || admission.admits(request) else { break }
        try scheduler.add(first)
        admission.started(request)
        inFlight[first.id] = (Array(repeating: 0, count: first.choices), first.choices)
        sent.append(first.id)
        line.removeFirst()
      }
      guard scheduler.plan(&step) else { return !line.isEmpty }
      if inFlight.count > 1 { most = max(most, scheduler.pool.usedCount) }
      let tokens = step.samples.map { _ in
        token += 1
        return token
      }
      let finished = Set(scheduler.complete(step, tokens: tokens).map(\.choice))
      for sample in step.samples {
        guard let come = inFlight[sample.request]?.tokens[sample.index] else { continue }
        inFlight[sample.request]?.tokens[sample.index] = come + 1
        if finished.contains(sample) {
          inFlight[sample.request]?.unfinished -= 1
          admission.finished(id: sample.request, output: sample.index, tokens: come + 1)
        } else {
          admission.progress(id: sample.request, output: sample.index, tokens: come + 1)
        }
        if inFlight[sample.request]?.unfinished == 0 {
          inFlight[sample.request] = nil
          admission.finished(id: sample.request)
        }
      }
      return scheduler.hasWork || !line.isEmpty
    }
  }

  private func requests(_ count: Int, exact: Bool, _ random: inout SeededRandom) -> [ScheduledRequest] {
    var token: Int32 = 0
    return (0..<count).map { id in
      let prompt = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        token += 1
        return token
      }
      let most = exact ? Int.random(in: 1...60, using: &random) : 60
      let choices = Int.random(in: 1...3, using: &random)
      return ScheduledRequest(
        id: id, prompt: prompt, choices: choices, maxTokens: most,
        outputLengths: exact ? nil : (0..<choices).map { _ in Int.random(in: 5...25, using: &random) })
    }
  }

  private func configuration(_ random: inout SeededRandom) -> SchedulerConfiguration {
    let policy = KVPolicy(
      batching: .paged, blockSize: Int.random(in: 1...8, using: &random), sharing: Bool.random(using: &random))
    // Room for the largest request and some more.
    let largest = 3 * (100 / policy.blockSize + 1)
    return SchedulerConfiguration(
      policy: policy, blockCount: largest + Int.random(in: 0...2 * largest, using: &random),
      maxBatchedTokens: Int.random(in: 40...200, using: &random), maxSequences: 40, maxModelLength: 100)
  }

  @Test func theCeilingHoldsAndNobodyIsPreemptedWhereLengthsAreKnown() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    var (free, held, steps, freeSteps) = (0, 0, 0, 0)
    for round in 0..<150 {
      let configuration = configuration(&random)
      let requests = requests(40, exact: true, &random)
      let ceiling = Double.random(in: 0.5...1, using: &random)
      var bursts = random
      for isHeld in [true, false] {
        random = bursts
        var serving = try Serving(configuration, requests, ceiling: ceiling, isHeld: isHeld)
        while try serving.advance(arrivals: Int.random(in: 0...4, using: &random), isExact: true) {}
        #expect(serving.sent == Array(0..<40), "seed \(seed), round \(round)")
        #expect(serving.scheduler.totals.prefixHits == 0)
        if isHeld {
          held += serving.scheduler.totals.preemptions
          steps += serving.scheduler.totals.steps
          // A request that is alone may be larger than the ceiling; then nobody is let in beside it.
          #expect(
            Double(serving.most) <= ceiling * Double(configuration.blockCount),
            "seed \(seed), round \(round): \(serving.most) of \(configuration), ceiling \(ceiling)")
        } else {
          free += serving.scheduler.totals.preemptions
          freeSteps += serving.scheduler.totals.steps
        }
      }
      bursts = random
    }
    #expect(held == 0 && free > 100, "seed \(seed): \(held) preemptions under ceilings, \(free) without")
    // What is held back is sent soon enough.
    #expect(steps < freeSteps * 2, "seed \(seed): \(steps) steps under ceilings, \(freeSteps) without")
  }

  @Test func lengthsAreLearnedWhereTheyAreNotKnown() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    var (free, held, steps, cautious) = (0, 0, 0, 0)
    for _ in 0..<150 {
      let configuration = configuration(&random)
      let requests = requests(120, exact: false, &random)
      for (isHeld, isExact) in [(true, false), (false, false), (true, true)] {
        var serving = try Serving(configuration, requests, ceiling: 0.9, isHeld: isHeld)
        while try serving.advance(arrivals: 4, isExact: isExact) {}
        if !isHeld {
          free += serving.scheduler.totals.preemptions
        } else if isExact {
          cautious += serving.scheduler.totals.steps
        } else {
          held += serving.scheduler.totals.preemptions
          steps += serving.scheduler.totals.steps
        }
      }
    }
    #expect(held * 20 <= free && free > 100, "seed \(seed): \(held) preemptions under a ceiling, \(free) without")
    // Against taking every output for as long as it may become.
    #expect(steps < cautious, "seed \(seed)")
  }

  private static let forecast = KVForecast(blockSize: 10, blockCount: 100, sharing: .copyOnWrite)

  private func admission(_ ceiling: Double = 0.5, lookahead: Int? = nil) -> KVAdmission {
    KVAdmission(forecast: Self.forecast, ceiling: ceiling, lookahead: lookahead)
  }

  /// One output that comes to `blocks` blocks.
  private func request(_ id: Int, blocks: Int, prompt: Int = 10) -> KVAdmission.Request {
    KVAdmission.Request(id: id, promptTokens: prompt, maxTokens: blocks * 10 - prompt + 1, isExact: true)
  }

  @Test func whoFindsNobodyGoesWhateverItsSize() {
    var admission = admission()
    #expect(admission.admits(request(0, blocks: 90)))
    admission.started(request(0, blocks: 90))
    #expect(!admission.admits(request(1, blocks: 1)))
    admission.finished(id: 0)
    #expect(admission.admits(request(1, blocks: 90)) && admission.count == 0)
  }

  @Test func thePeakCountsAndNotWhatIsHeldNow() {
    var admission = admission()
    admission.started(request(0, blocks: 30))
    #expect(admission.predictedUsage == (0.01, 0.3))
    #expect(admission.admits(request(1, blocks: 20)) && !admission.admits(request(1, blocks: 21)))
    // It ends before a later one has come to its most.
    admission.progress(id: 0, output: 0, tokens: 280)
    #expect(admission.predictedUsage == (0.29, 0.3))
    #expect(admission.admits(request(1, blocks: 40)) && !admission.admits(request(1, blocks: 51)))
    // Who looks ahead less sees less.
    var short = KVAdmission(forecast: Self.forecast, ceiling: 0.5, lookahead: 40)
    for id in 0..<8 { short.started(request(id, blocks: 30)) }
    #expect(short.predictedUsage == (0.08, 0.4))
    #expect(short.admits(request(8, blocks: 90)))
    for id in 0..<8 { short.progress(id: id, output: 0, tokens: 40) }
    #expect(!short.admits(request(8, blocks: 90)))
  }

  @Test func samplesCorrectWhatIsPredicted() {
    var admission = admission()
    admission.started(request(0, blocks: 10, prompt: 95))
    admission.progress(id: 0, output: 0, tokens: 5)
    #expect(admission.predictedUsage == (0.1, 0.1))
    var sample = ServerSample(time: 0)
    // Others hold 30 blocks.
    sample.kvUsage = 0.4
    admission.observe(sample)
    #expect(admission.predictedUsage == (0.4, 0.4))
    #expect(admission.admits(request(1, blocks: 10, prompt: 95)))
    #expect(!admission.admits(request(1, blocks: 11, prompt: 105)))
    // They go; that is believed by and by.
    sample.kvUsage = 0.1
    for _ in 0..<30 { admission.observe(sample) }
    #expect(abs(admission.predictedUsage.now - 0.1) < 1e-4)
    // Prompts share half of the blocks.
    sample.kvUsage = 0.05
    for _ in 0..<30 { admission.observe(sample) }
    #expect(abs(admission.predictedUsage.now - 0.05) < 1e-4 && admission.admits(request(1, blocks: 85)))
    sample.kvUsage = nil
    admission.observe(sample)
    #expect(abs(admission.predictedUsage.now - 0.05) < 1e-4)
    // Requests that may wait in the server's line are no proof that others hold less.
    var waiting = self.admission()
    waiting.started(request(0, blocks: 10, prompt: 95))
    sample.kvUsage = 0
    waiting.observe(sample)
    #expect(waiting.predictedUsage.now == 0.1)
  }

  @Test func whatIsNotKnownIsLeftAlone() {
    var admission = admission()
    admission.progress(id: 3, output: 0, tokens: 5)
    admission.finished(id: 3, output: 0, tokens: 5)
    admission.finished(id: 3)
    admission.started(request(0, blocks: 10))
    admission.progress(id: 0, output: 7, tokens: 5)
    admission.finished(id: 0, output: -1, tokens: 5)
    #expect(admission.count == 1 && admission.predictedUsage == (0.01, 0.1))
  }
}
