import Generation
import GenerationClient
import TestFixtures
import Testing

/// The forecast beside the scheduler whose block tables it is about.
@Suite struct KVForecastTests {
  /// - Returns: requests with prompts that have nothing in common.
  private static func requests(_ count: Int, _ random: inout SeededRandom) -> [ScheduledRequest] {
    var token: Int32 = 0
    return (0..<count).map { id in
      let prompt = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        token += 1
        return token
      }
      let lengths = (0..<Int.random(in: 1...4, using: &random)).map { _ in Int.random(in: 1...30, using: &random) }
      return ScheduledRequest(
        id: id, prompt: prompt, choices: lengths.count, maxTokens: 30, outputLengths: lengths)
    }
  }

  private static func scheduler(
    _ policy: KVPolicy, batchedTokens: Int, sequences: Int = 1000
  ) throws -> Scheduler {
    try Scheduler(
      SchedulerConfiguration(
        policy: policy, blockCount: 10_000, maxBatchedTokens: batchedTokens, maxSequences: sequences,
        maxModelLength: 100))
  }

  /// Blocks by the forecast, of requests whose outputs stand as the scheduler says.
  private static func predicted(
    _ forecast: KVForecast, _ requests: some Sequence<ScheduledRequest>, _ scheduler: Scheduler, begun: Bool? = nil
  ) -> Int {
    requests.reduce(0) { sum, request in
      let tokens = request.outputLengths?.enumerated().compactMap { index, length in
        let come = scheduler.tokens(of: ChoiceID(request: request.id, index: index)).count
        return come < length ? come : nil
      }
      guard let tokens, begun == nil || begun == (tokens.max() ?? 0 > 0) else { return sum }
      return sum + forecast.blocks(prompt: request.prompt.count, outputs: request.choices, tokens: tokens)
    }
  }

  /// Runs requests that come one by one, and looks at every step before it is complete.
  private static func run(
    _ scheduler: inout Scheduler, _ requests: [ScheduledRequest], _ random: inout SeededRandom,
    look: (Scheduler, ArraySlice<ScheduledRequest>) -> Void
  ) throws {
    var step = ScheduledStep()
    var added = 0
    var token: Int32 = 1_000_000
    while added < requests.count || scheduler.hasWork {
      while added < requests.count, !scheduler.hasWork || Bool.random(using: &random) {
        try scheduler.add(requests[added])
        added += 1
      }
      guard scheduler.plan(&step) else { continue }
      // A request that is over is forgotten, with its tokens, at the next plan.
      let live = requests[..<added].filter { scheduler.cachedTokens(ofRequest: $0.id) != nil }
      look(scheduler, live[...])
      scheduler.complete(
        step,
        tokens: step.samples.map { _ in
          token += 1
          return token
        })
    }
  }

  @Test func isExactlyWhatPagedTablesTake() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    for _ in 0..<300 {
      let sharing = Bool.random(using: &random)
      let policy = KVPolicy(
        batching: .paged, blockSize: Int.random(in: 1...9, using: &random), sharing: sharing,
        prefixCache: sharing && Bool.random(using: &random))
      let forecast = KVForecast(
        blockSize: policy.blockSize, blockCount: 10_000, sharing: sharing ? .copyOnWrite : .none)
      var scheduler = try Self.scheduler(policy, batchedTokens: 100_000)
      let requests = Self.requests(12, &random)
      try Self.run(&scheduler, requests, &random) { scheduler, live in
        let predicted = Self.predicted(forecast, live, scheduler)
        #expect(scheduler.pool.usedCount == predicted, "seed \(seed), \(policy)")
      }
      let copies = requests.reduce(0) { sum, request in
        // An output that ends with its first token writes nothing.
        let writers = request.outputLengths?.count { $0 > 1 } ?? 0
        return sum + (writers > 0 ? forecast.copiedBlocks(prompt: request.prompt.count, outputs: writers) : 0)
      }
      #expect(scheduler.totals.copies == copies, "seed \(seed), \(policy)")
    }
  }

  /// With prompts cut into chunks the forecast counts them whole from the beginning.
  @Test func isAnUpperBoundWhilePromptsAreCut() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    var exact = 0
    for _ in 0..<300 {
      let policy = KVPolicy(batching: .paged, blockSize: Int.random(in: 1...9, using: &random))
      let forecast = KVForecast(blockSize: policy.blockSize, blockCount: 10_000, sharing: .copyOnWrite)
      let sequences = Int.random(in: 4...12, using: &random)
      var scheduler = try Self.scheduler(
        policy, batchedTokens: sequences + Int.random(in: 0...30, using: &random), sequences: sequences)
      try Self.run(&scheduler, Self.requests(12, &random), &random) { scheduler, live in
        let all = Self.predicted(forecast, live, scheduler)
        let begun = Self.predicted(forecast, live, scheduler, begun: true)
        #expect((begun...all).contains(scheduler.pool.usedCount), "seed \(seed), \(policy)")
        if begun == all { exact += 1 }
      }
    }
    #expect(exact > 1000, "seed \(seed)")
  }

  @Test func peaksAreWhatRequestsComeTo() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    for request in Self.requests(300, &random) {
      for sharing in [true, false] {
        let policy = KVPolicy(batching: .paged, blockSize: 4, sharing: sharing, prefixCache: false)
        let forecast = KVForecast(blockSize: 4, blockCount: 10_000, sharing: sharing ? .copyOnWrite : .none)
        var scheduler = try Self.scheduler(policy, batchedTokens: 1000)
        try Self.run(&scheduler, [request], &random) { _, _ in }
        let peak = forecast.peakBlocks(prompt: request.prompt.count, lengths: request.outputLengths ?? [])
        #expect(scheduler.totals.peakBlocksUsed == peak, "seed \(seed), \(request)")
      }
      // Contiguous ranges hold an output's most from the beginning.
      var scheduler = try Self.scheduler(KVPolicy(batching: .continuous, blockSize: 4), batchedTokens: 1000)
      let forecast = KVForecast(blockSize: 4, blockCount: 10_000, sharing: .none)
      let most = Array(repeating: request.maxTokens, count: request.choices)
      try Self.run(&scheduler, [request], &random) { _, _ in }
      #expect(
        scheduler.totals.peakBlocksUsed == forecast.peakBlocks(prompt: request.prompt.count, lengths: most),
        "seed \(seed), \(request)")
    }
  }

  /// The mean over tokens of what the forecast says of each of them.
  @Test func aMixIsWhatItsRequestsHoldOnAverage() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    for sharing in KVForecast.Sharing.allCases {
      let forecast = KVForecast(
        blockSize: Int.random(in: 1...9, using: &random), blockCount: 1000, sharing: sharing, blockBytes: 10)
      let requests = Self.requests(20, &random).map { (prompt: $0.prompt.count, lengths: $0.outputLengths ?? []) }
      let mix = try #require(forecast.mix(of: requests))
      var (held, tokens, peaks) = (0, 0, 0)
      for request in requests {
        let steps = (0..<(request.lengths.max() ?? 0)).map { come in
          let standing = request.lengths.filter { $0 > come }
          return forecast.blocks(
            prompt: request.prompt, outputs: request.lengths.count, tokens: standing.map { _ in come })
        }
        held += steps.reduce(0, +)
        tokens += steps.count
        peaks += steps.max() ?? 0
      }
      #expect(mix.requests == 20 && abs(mix.meanBlocks - Double(held) / Double(tokens)) < 1e-9, "seed \(seed)")
      #expect(abs(mix.blocks - Double(peaks) / 20) < 1e-9 && mix.bytes == mix.blocks * 10, "seed \(seed)")
      #expect(mix.surelyFit <= mix.fitOnAverage, "seed \(seed)")
    }
    #expect(KVForecast(blockSize: 1, blockCount: 1, sharing: .none).mix(of: []) == nil)
  }

  @Test func blocksOfAFewRequestsByHand() {
    // 20 tokens in blocks of 16: one full, one with 4.
    let shared = KVForecast(blockSize: 16, blockCount: 100, sharing: .copyOnWrite)
    #expect(shared.blocks(prompt: 20, outputs: 3, tokens: [0, 0, 0]) == 2)
    #expect(shared.blocks(prompt: 20, outputs: 3, tokens: [1, 1, 1]) == 4)
    #expect(shared.blocks(prompt: 20, outputs: 3, tokens: [13, 13]) == 5)
    #expect(shared.copiedBlocks(prompt: 20, outputs: 3) == 2 && shared.copiedBlocks(prompt: 32, outputs: 3) == 0)
    #expect(shared.peakBlocks(prompt: 20, lengths: [13, 13, 14]) == 4)
    #expect(shared.concurrency(prompt: 20, lengths: [13, 13, 13]) == 25)
    #expect(shared.sparedBlocks(prompt: 20, outputs: 3) == 2)
    // The prefix cache leaves a token to compute: of 32 it shares the first 16.
    let found = KVForecast(blockSize: 16, blockCount: 100, sharing: .prefixCache)
    #expect(found.blocks(prompt: 32, outputs: 3, tokens: [0, 0, 0]) == 4)
    #expect(shared.blocks(prompt: 32, outputs: 3, tokens: [1, 1, 1]) == 5)
    #expect(found.blocks(prompt: 32, outputs: 3, tokens: [1, 1, 1]) == 7)
    #expect(found.blocks(prompt: 32, outputs: 1, tokens: [0]) == 2)
    let copies = KVForecast(blockSize: 16, blockCount: 100, sharing: .none)
    #expect(copies.blocks(prompt: 20, outputs: 3, tokens: [1, 1, 1]) == 6)
    // SmolLM2: 30 layers, 3 heads of 64, half precision.
    let bytes = KVForecast.blockBytes(
      blockSize: 16, layers: 30, keyValueHeads: 3, headDimension: 64, numberBytes: 2)
    #expect(bytes == 368_640)
    #expect(KVForecast(blockSize: 16, blockCount: 9, sharing: .none, blockBytes: bytes).bytes(ofBlocks: 2) == 737_280)
    #expect(copies.bytes(ofBlocks: 2) == nil)
  }
}
