/// One padded batch at a time, as Hugging Face `generate` makes them: every row is filled up to the longest prompt, every row
/// holds the batch's most, and a finished row goes on as padding until the last has finished.
///
/// The batch is as large as memory and `max_num_seqs` let it be; who calls `generate` has to find that size by trial. Prompts
/// are filled up behind, not in front as `generate` does it: the same work and the same places, but an executor needs no
/// mask, and outputs do not attend to padding, which favours this policy a little.
extension Scheduler {
  mutating func planStatic(_ step: inout ScheduledStep) {
    if running.isEmpty { formBatch() }
    var budget = configuration.maxBatchedTokens
    for member in running where sequences[Int(member)].cursor < batchPrompt && budget > 0 {
      budget -= emitPrompt(Int(member), budget: budget, &step)
    }
    guard step.runs.isEmpty else { return }
    for member in running {
      let slot = Int(member)
      if sequences[slot].state == .active {
        _ = emit(slot, budget: 1, &step)
      } else {
        appendPadding(slot, start: min(Int(sequences[slot].cursor), Int(batchReserve) - 1), count: 1, &step)
      }
      sequences[slot].cursor += 1
    }
  }

  /// As many of those who wait as find room when every row holds as much as the largest.
  private mutating func formBatch() {
    var prompt = 0
    var beyond = 0
    var rows = 0
    batchPrompt = 0
    batchReserve = 0
    while rows < min(waiting.count, configuration.maxSequences) {
      let slot = Int(waiting[rows])
      let start = groups[Int(sequences[slot].group)].prompt.count
      let known = Int(sequences[slot].known)
      prompt = max(prompt, known)
      beyond = max(beyond, reservedSlots(prompt: start, end: Int(sequences[slot].longest)) - known)
      let reserve = min(prompt + beyond, configuration.maxModelLength - 1)
      guard (rows + 1) * blocks(for: reserve) <= pool.blockCount else { break }
      rows += 1
      batchPrompt = Int32(prompt)
      batchReserve = Int32(reserve)
    }
    for _ in 0..<rows {
      guard let member = waiting.first else { return }
      waiting.removeFirst()
      reserveRange(Int(member), slots: Int(batchReserve))
      running.append(member)
      sequences[Int(member)].cursor = 0
      sequences[Int(member)].rowPrompt = sequences[Int(member)].known
    }
  }

  /// The next part of a row's prompt, its filling after it.
  private mutating func emitPrompt(_ slot: Int, budget: Int, _ step: inout ScheduledStep) -> Int {
    var used = 0
    if sequences[slot].state == .active, sequences[slot].cursor < sequences[slot].rowPrompt {
      used = emit(slot, budget: budget, &step)
      sequences[slot].cursor = sequences[slot].computed
    }
    let filling = min(Int(batchPrompt - sequences[slot].cursor), budget - used)
    if filling > 0 {
      appendPadding(slot, start: Int(sequences[slot].cursor), count: filling, &step)
      sequences[slot].cursor += Int32(filling)
    }
    return used + filling
  }

  private mutating func appendPadding(_ slot: Int, start: Int, count: Int, _ step: inout ScheduledStep) {
    let firstToken = step.tokens.count
    let token = groups[Int(sequences[slot].group)].prompt[0]
    step.tokens.append(contentsOf: repeatElement(token, count: count))
    counting.paddingTokens += count
    appendRun(slot, start: start, tokens: firstToken, samples: step.samples.count, isPadding: true, &step)
  }

  /// A row has finished: what it holds is of no use any more, and held until the batch is done.
  mutating func leaveRow(_ slot: Int) {
    totals.slotsNeverUsed +=
      Int(sequences[slot].capacity - sequences[slot].computed) * (totals.steps - sequences[slot].reservedAt)
    sequences[slot].reservedAt = totals.steps
    counting.tokensStored -= Int(sequences[slot].computed)
    sequences[slot].computed = 0
  }
}
