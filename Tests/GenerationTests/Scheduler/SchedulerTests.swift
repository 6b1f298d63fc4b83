import Generation
import Testing

@Suite struct SchedulerTests {
  private var step = ScheduledStep()

  private func scheduler(
    _ batching: KVPolicy.Batching, blockSize: Int = 16, blockCount: Int = 64,
    reservation: KVPolicy.Reservation = .request,
    budget: Int = 256, sequences: Int = 16, modelLength: Int = 256
  ) throws -> Scheduler {
    try Scheduler(
      SchedulerConfiguration(
        policy: KVPolicy(batching: batching, blockSize: blockSize, reservation: reservation), blockCount: blockCount,
        maxBatchedTokens: budget, maxSequences: sequences, maxModelLength: modelLength))
  }

  private func tokens(_ count: Int, from first: Int32 = 0) -> [Int32] { (0..<Int32(count)).map { first + $0 } }

  /// Runs a step in which every sample is a token of its own.
  private mutating func advance(_ scheduler: inout Scheduler) -> [FinishedChoice] {
    guard scheduler.plan(&step) else { return [] }
    return scheduler.complete(step, tokens: step.samples.map { Int32(1_000 + $0.request * 10 + $0.index) })
  }

  // MARK: - Paged

  @Test mutating func outputsShareThePromptAndCopyItsTail() throws {
    var scheduler = try scheduler(.paged)
    try scheduler.add(ScheduledRequest(id: 7, prompt: tokens(20), choices: 3, maxTokens: 8))
    _ = advance(&scheduler)
    #expect(step.runs.count == 1 && step.tokens.count == 20)
    #expect(step.samples == (0..<3).map { ChoiceID(request: 7, index: $0) })

    _ = advance(&scheduler)
    #expect(step.runs.count == 3)
    // The full block stays shared; two outputs copy the tail, and the third has it for itself.
    #expect(step.copies.count == 2)
    let statistics = scheduler.statistics
    #expect(statistics.blocksUsed == 4 && statistics.blocksShared == 1 && statistics.blocksSavedBySharing == 2)
    #expect(statistics.tokensStored == 16 + 3 * 5)

    _ = advance(&scheduler)
    #expect(step.copies.isEmpty)
    #expect(Array(scheduler.tokens(of: ChoiceID(request: 7, index: 2))) == [1_072, 1_072, 1_072])
  }

  @Test mutating func promptsAreFoundAgainUntilTheirBlocksAreNeeded() throws {
    var scheduler = try scheduler(.paged, blockCount: 8)
    let prompt = tokens(40)
    func cached(_ id: Int, _ prompt: [Int32]) throws -> Int? {
      try scheduler.add(ScheduledRequest(id: id, prompt: prompt, maxTokens: 1))
      _ = advance(&scheduler)
      return scheduler.cachedTokens(ofRequest: id)
    }
    #expect(try cached(1, prompt) == 0)
    #expect(try cached(2, prompt) == 32)
    #expect(step.runs[0].start == 32 && step.tokens == tokens(8, from: 32))
    // A block is found only behind the same blocks, and the last token is always computed.
    #expect(try cached(3, Array(prompt[16...])) == 0)
    #expect(try cached(4, Array(prompt[..<32])) == 16)
    #expect(try cached(5, tokens(120, from: 500)) == 0)
    #expect(try cached(6, prompt) == 0)
  }

  @Test mutating func promptsAreComputedInChunksBesideOutputs() throws {
    var scheduler = try scheduler(.paged, budget: 32)
    try scheduler.add(ScheduledRequest(id: 1, prompt: tokens(10), maxTokens: 50))
    _ = advance(&scheduler)
    try scheduler.add(ScheduledRequest(id: 2, prompt: tokens(70, from: 100), maxTokens: 50))
    var chunks: [Int] = []
    for _ in 0..<3 {
      _ = advance(&scheduler)
      #expect(step.runs[0].sequence.request == 1 && step.runs[0].tokens.count == 1)
      chunks.append(step.runs[1].tokens.count)
      #expect(step.samples.count == (chunks.reduce(0, +) == 70 ? 2 : 1))
    }
    #expect(chunks == [31, 31, 8])
  }

  @Test mutating func theLatestGivesWayAndGoesOnWhereItWas() throws {
    var scheduler = try scheduler(.paged, blockSize: 4, blockCount: 7)
    for id in 1...2 {
      try scheduler.add(ScheduledRequest(id: id, prompt: tokens(4, from: Int32(id * 50)), maxTokens: 16))
    }
    var order: [Int] = []
    while scheduler.hasWork { order += advance(&scheduler).map(\.choice.request) }
    #expect(order == [1, 2])
    #expect(scheduler.totals.preemptions == 1)
    #expect(scheduler.totals.decodeTokens + scheduler.totals.prefillTokens > 2 * 19)
  }

  @Test mutating func newcomersLeaveABlockForEveryoneWhoRuns() throws {
    var scheduler = try scheduler(.paged, blockSize: 4, blockCount: 7)
    try scheduler.add(ScheduledRequest(id: 1, prompt: tokens(8), maxTokens: 2))
    try scheduler.add(ScheduledRequest(id: 2, prompt: tokens(8, from: 50), maxTokens: 2))
    try scheduler.add(ScheduledRequest(id: 3, prompt: tokens(1, from: 90), maxTokens: 2))
    _ = advance(&scheduler)
    // Two blocks each, and one more for each of them: 3 would leave none, though it could begin.
    #expect(step.runs.map(\.sequence.request) == [1, 2] && scheduler.statistics.waitingRequests == 1)
    _ = advance(&scheduler)
    _ = advance(&scheduler)
    #expect(step.runs.map(\.sequence.request) == [3] && scheduler.totals.preemptions == 0)
  }

  @Test mutating func outputsThatDoNotFitTogetherComeOneAfterTheOther() throws {
    var scheduler = try scheduler(.paged, blockSize: 4, blockCount: 8)
    try scheduler.add(ScheduledRequest(id: 1, prompt: tokens(4), choices: 4, maxTokens: 28))
    var finished: Set<Int> = []
    while scheduler.hasWork {
      for end in advance(&scheduler) {
        #expect(scheduler.tokens(of: end.choice).count == 28)
        finished.insert(end.choice.index)
      }
    }
    #expect(finished == [0, 1, 2, 3])
  }

  // MARK: - Contiguous

  @Test mutating func staticBatchesFillUpPromptsAndKeepFinishedRows() throws {
    var scheduler = try scheduler(.static)
    try scheduler.add(ScheduledRequest(id: 1, prompt: tokens(4), maxTokens: 2))
    try scheduler.add(ScheduledRequest(id: 2, prompt: tokens(10), maxTokens: 5))
    _ = advance(&scheduler)
    #expect(scheduler.statistics.prefillTokens == 14 && scheduler.statistics.paddingTokens == 6)
    try scheduler.add(ScheduledRequest(id: 3, prompt: tokens(4), maxTokens: 2))
    #expect(advance(&scheduler) == [FinishedChoice(choice: ChoiceID(request: 1, index: 0), reason: .length)])
    for _ in 0..<3 {
      _ = advance(&scheduler)
      #expect(step.runs.map(\.isPadding) == [true, false])
      #expect(step.runs[0].samples.isEmpty && scheduler.statistics.waitingRequests == 1)
    }
    _ = advance(&scheduler)
    #expect(step.runs.map(\.sequence.request) == [3])
  }

  @Test(arguments: [(KVPolicy.Reservation.request, 1), (.powerOfTwo, 2), (.model, 16)])
  mutating func continuousReservesForTheWholeRequest(reservation: KVPolicy.Reservation, blocks: Int) throws {
    var scheduler = try scheduler(.continuous, reservation: reservation)
    try scheduler.add(ScheduledRequest(id: 1, prompt: tokens(7), maxTokens: 9, outputLengths: [2]))
    _ = advance(&scheduler)
    #expect(scheduler.statistics.blocksUsed == blocks)
    #expect(scheduler.statistics.tokensStored == 7)
    _ = advance(&scheduler)
    #expect(scheduler.totals.slotsNeverUsed == 2 * (blocks * 16 - 8))
    #expect(scheduler.totals.tokensStored == 7 + 8)
  }

  @Test mutating func freeBlocksInPiecesAreFragmentation() throws {
    var scheduler = try scheduler(.continuous, blockSize: 1, blockCount: 6, modelLength: 7)
    for (id, length) in [(1, 2), (2, 1), (3, 2)] {
      try scheduler.add(
        ScheduledRequest(id: id, prompt: [1], maxTokens: 2, outputLengths: [length == 1 ? 2 : 1]))
    }
    _ = advance(&scheduler)
    try scheduler.add(ScheduledRequest(id: 4, prompt: [1], maxTokens: 4))
    _ = advance(&scheduler)
    // 1 and 3 have finished, 2 stands between them.
    #expect(step.runs.map(\.sequence.request) == [2])
    #expect(scheduler.statistics.slotsFragmented == 4)
    _ = advance(&scheduler)
    #expect(step.runs.map(\.sequence.request) == [4])
  }

  // MARK: - Refusals

  @Test func whatCanNeverRunIsRefusedWithASentence() throws {
    var scheduler = try scheduler(.paged, blockCount: 4, sequences: 4)
    func refusal(_ change: (inout ScheduledRequest) -> Void) -> String {
      var request = ScheduledRequest(id: 1, prompt: tokens(8), maxTokens: 8)
      change(&request)
      do {
        try scheduler.add(request)
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(refusal { $0.prompt = [] } == "the prompt is empty; give it at least one token")
    #expect(refusal { $0.choices = 0 } == "n must be at least 1, not 0")
    #expect(refusal { $0.maxTokens = 0 } == "max_tokens must be at least 1, not 0")
    #expect(refusal { $0.minTokens = 9 } == "min_tokens (9) must not be more than max_tokens (8)")
    #expect(
      refusal { $0.prompt = tokens(256) }
        == "the prompt's 256 tokens leave no room in the model's 256 (max_model_len); shorten it")
    #expect(
      refusal { $0.choices = 5 }
        == "5 outputs of a request run together, and max_num_seqs lets no more than 4 run; ask for fewer or raise it")
    #expect(
      refusal { $0.maxTokens = .max }
        == "one output may need 16 KV blocks (255 tokens), and the KV budget has 4 of 16; give it more memory, "
        + "or ask for fewer tokens")
    #expect(refusal { $0.outputLengths = [0] } == "output lengths must be one of at least 1 for each of the 1 choices")
    #expect(refusal { _ in } == "accepted")
    #expect(refusal { _ in } == "request 1 is there already; give every request an id of its own")
  }

  @Test func configurationsUnderWhichNothingRunsAreRefused() {
    func refusal(_ policy: KVPolicy, blocks: Int = 4, budget: Int = 8, sequences: Int = 4, length: Int = 8) -> String? {
      let configuration = SchedulerConfiguration(
        policy: policy, blockCount: blocks, maxBatchedTokens: budget, maxSequences: sequences, maxModelLength: length)
      do { _ = try Scheduler(configuration) } catch { return "\(error)" }
      return nil
    }
    let paged = KVPolicy(batching: .paged)
    #expect(refusal(paged) == nil)
    #expect(refusal(KVPolicy(batching: .paged, blockSize: 0))?.hasPrefix("block_size must be at least 1") == true)
    #expect(refusal(paged, blocks: 0)?.contains("give it more memory") == true)
    #expect(refusal(paged, budget: 3)?.contains("raise the one or lower the other") == true)
    #expect(refusal(paged, sequences: 0)?.hasPrefix("max_num_seqs must be at least 1") == true)
    #expect(refusal(paged, length: 1)?.hasPrefix("max_model_len must be at least 2") == true)
    #expect(refusal(KVPolicy(batching: .static, sharing: true))?.contains("cannot share blocks") == true)
    #expect(refusal(KVPolicy(batching: .continuous, prefixCache: true))?.contains("found again") == true)
  }

  @Test mutating func aFullContextEndsAnOutput() throws {
    var scheduler = try scheduler(.paged, modelLength: 8)
    try scheduler.add(ScheduledRequest(id: 1, prompt: tokens(5), maxTokens: 100, minTokens: 50))
    var finished: [FinishedChoice] = []
    while scheduler.hasWork { finished += advance(&scheduler) }
    #expect(finished == [FinishedChoice(choice: ChoiceID(request: 1, index: 0), reason: .length)])
    #expect(scheduler.totals.decodeTokens == 2)
  }
}
