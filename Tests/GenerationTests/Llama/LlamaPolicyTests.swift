import Generation
import ModelFiles
import Testing

/// The scheduler and the real executor together: however KV memory is given out, and in whatever pieces and company a request
/// is computed, its greedy text is that of a lone run.
@Suite struct LlamaPolicyTests {
  private static let model = SyntheticLlama(
    LlamaConfiguration(
      hiddenSize: 64, layers: 2, heads: 4, keyValueHeads: 2, headDimension: 32, intermediateSize: 128,
      vocabularySize: 160, maximumPositions: 128, normEpsilon: 1e-5,
      rotary: LlamaConfiguration.Rotary(base: 10_000, pairs: .interleaved), tiesEmbeddings: true))

  /// - Parameter fails: steps that are computed and then said to have failed.
  private func texts(
    _ policy: KVPolicy, blocks: Int, budget: Int = 64, requests: [ScheduledRequest], fails: Set<Int> = []
  ) throws -> (texts: [ChoiceID: [Int32]], totals: SchedulerTotals) {
    var scheduler = try Scheduler(
      SchedulerConfiguration(
        policy: policy, blockCount: blocks, maxBatchedTokens: budget, maxSequences: 8, maxModelLength: 96))
    let executor = try LlamaExecutor(
      model: Self.model, blockCount: blocks, blockSize: policy.blockSize, threads: 1, maxBatchedTokens: budget)
    for request in requests { try scheduler.add(request) }
    var texts: [ChoiceID: [Int32]] = [:]
    var step = ScheduledStep()
    var count = 0
    while scheduler.plan(&step) {
      let rows = try #require(try executor.execute(step).logits)
      count += 1
      if fails.contains(count) {
        scheduler.fail(step)
        continue
      }
      var tokens: [Int32] = []
      for (row, run) in step.runs.filter({ !$0.samples.isEmpty }).enumerated() {
        let logits = rows[row]
        let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
        // Outputs of a request differ by their first token, as if they had been drawn.
        for sample in step.samples[run.samples] {
          let isFirst = scheduler.tokens(of: sample).isEmpty
          tokens.append(isFirst ? Int32(sample.index + 3) : Int32(best))
        }
      }
      for (sample, token) in zip(step.samples, tokens) { texts[sample, default: []].append(token) }
      scheduler.complete(step, tokens: tokens)
    }
    return (texts, scheduler.totals)
  }

  @Test func policiesChangeNoToken() throws {
    let stem = (0..<21).map { Int32($0 * 7 % 160) }
    let requests = (0..<6).map { id in
      ScheduledRequest(
        id: id, prompt: id % 2 == 0 ? stem + [Int32(id)] : Array(stem.prefix(5 + id)), choices: 1 + id % 3,
        maxTokens: 12 + 5 * id, outputLengths: id == 4 ? [3, 30] : nil)
    }
    var alone: [ChoiceID: [Int32]] = [:]
    for request in requests {
      let policy = KVPolicy(batching: .paged, blockSize: 8, sharing: false, prefixCache: false)
      alone.merge(try texts(policy, blocks: 100, requests: [request]).texts) { $1 }
    }
    var paged = SchedulerTotals()
    for blockSize in [8, 16] {
      for batching in KVPolicy.Batching.allCases {
        for (blocks, budget, fails) in [(400, 64, Set<Int>()), (80, 9, []), (80, 40, [3, 11])] {
          let policy = KVPolicy(batching: batching, blockSize: blockSize)
          let run = try texts(
            policy, blocks: blocks / blockSize, budget: budget, requests: requests, fails: fails)
          #expect(run.texts == alone, "\(policy), \(blocks) tokens of memory, \(budget) tokens a step")
          if batching == .paged, blocks == 80 { paged = run.totals }
        }
      }
    }
    #expect(paged.preemptions > 0 && paged.copies > 0 && paged.cachedPromptTokens > 0, "\(paged)")
  }
}
