extension Scheduler {
  /// Puts the next tokens of a sequence, at most `budget`, into the step; there are blocks enough.
  ///
  /// - Returns: how many they are.
  mutating func emit(_ slot: Int, budget: Int, _ step: inout ScheduledStep) -> Int {
    let start = Int(sequences[slot].computed)
    let count = min(Int(sequences[slot].target) - start, budget)
    guard count > 0 else { return 0 }
    let end = start + count
    if sequences[slot].hasSharedTail { separateTail(slot, &step) }
    while sequences[slot].capacity < end { growTable(slot) }
    sequences[slot].computed = Int32(end)
    counting.tokensStored += count

    let firstToken = step.tokens.count
    let firstSample = step.samples.count
    if end == sequences[slot].known, count == 1, outputs.count(sequences[slot].row) > 0 {
      step.tokens.append(sequences[slot].lastToken)
      counting.decodeTokens += 1
    } else {
      appendTokens(of: slot, start..<end, to: &step.tokens)
      counting.prefillTokens += count
    }
    if end == sequences[slot].known { appendSamples(slot, &step) }
    appendRun(slot, start: start, tokens: firstToken, samples: firstSample, isPadding: false, &step)
    return count
  }

  /// Adds the run whose tokens and samples have been appended last.
  mutating func appendRun(
    _ slot: Int, start: Int, tokens: Int, samples: Int, isPadding: Bool, _ step: inout ScheduledStep
  ) {
    let row = sequences[slot].row
    let count = step.tokens.count - tokens
    let firstBlock = step.tables.count
    tables.copy(row, 0..<(isPaged ? tables.count(row) : blocks(for: start + count)), to: &step.tables)
    step.runs.append(
      ScheduledStep.Run(
        sequence: sequences[slot].id, start: start, tokens: tokens..<tokens + count,
        table: firstBlock..<step.tables.count, samples: samples..<step.samples.count, isPadding: isPadding))
    plannedRuns.append(Int32(slot))
  }

  /// The next token of a sequence follows; of all choices, where the prompt is computed for all.
  private mutating func appendSamples(_ slot: Int, _ step: inout ScheduledStep) {
    step.samples.append(sequences[slot].id)
    plannedSamples.append(Int32(slot))
    guard sequences[slot].computesForAll else { return }
    for member in groups[Int(sequences[slot].group)].members where sequences[Int(member)].state == .forking {
      step.samples.append(sequences[Int(member)].id)
      plannedSamples.append(member)
    }
  }

  /// A block more at the end of a table.
  private mutating func growTable(_ slot: Int) {
    guard let block = pool.allocate() else { preconditionFailure("the KV budget was overdrawn") }
    tables.append(block, to: sequences[slot].row)
    sequences[slot].capacity += Int32(pool.blockSize)
    sequences[slot].reservedAt = totals.steps
  }

  /// Copy on write: the last block of the prompt is copied before an output is written into it, unless nobody else refers
  /// to it any more (paper, section 4.4).
  private mutating func separateTail(_ slot: Int, _ step: inout ScheduledStep) {
    sequences[slot].hasSharedTail = false
    let row = sequences[slot].row
    let last = tables.count(row) - 1
    let tail = tables[row, last]
    guard pool.references(to: tail) > 1 else { return }
    guard let copy = pool.allocate() else { preconditionFailure("the KV budget was overdrawn") }
    pool.release(tail)
    tables[row, last] = copy
    step.copies.append(ScheduledStep.Copy(from: tail, to: copy))
    counting.copies += 1
    counting.tokensStored += Int(sequences[slot].computed) - last * pool.blockSize
  }

  /// Appends tokens of a sequence, of its prompt first and then of its output.
  func appendTokens(of slot: Int, _ positions: Range<Int>, to tokens: inout [Int32]) {
    let group = Int(sequences[slot].group)
    let prompt = groups[group].prompt.count
    if positions.lowerBound < prompt {
      tokens.append(contentsOf: groups[group].prompt[positions.lowerBound..<min(positions.upperBound, prompt)])
    }
    if positions.upperBound > prompt {
      outputs.copy(
        sequences[slot].row, max(positions.lowerBound, prompt) - prompt..<positions.upperBound - prompt, to: &tokens)
    }
  }

  /// Gives back all blocks of a sequence, from the last: the prefix cache loses the ends of prefixes first.
  mutating func releaseTable(_ slot: Int) {
    let row = sequences[slot].row
    guard row >= 0 else { return }
    let computed = Int(sequences[slot].computed)
    let capacity = Int(sequences[slot].capacity)
    let last = tables.count(row) - 1
    for place in stride(from: last, through: 0, by: -1) where pool.release(tables[row, place]) {
      if place == last {
        totals.slotsNeverUsed += (capacity - computed) * (totals.steps - sequences[slot].reservedAt)
      }
      counting.tokensStored -= max(0, min(computed - place * pool.blockSize, pool.blockSize))
    }
    tables.truncate(row, to: 0)
    sequences[slot].computed = 0
    sequences[slot].capacity = 0
    sequences[slot].hasSharedTail = false
    sequences[slot].computesForAll = false
  }

  /// Room for a table and an output.
  mutating func giveRow(_ slot: Int) {
    guard sequences[slot].row < 0 else { return }
    sequences[slot].row = tables.add()
    let row = outputs.add()
    precondition(row == sequences[slot].row, "tables and outputs are given rows together")
  }

  mutating func takeRow(_ slot: Int) {
    guard sequences[slot].row >= 0 else { return }
    tables.remove(sequences[slot].row)
    outputs.remove(sequences[slot].row)
    sequences[slot].row = -1
  }
}
