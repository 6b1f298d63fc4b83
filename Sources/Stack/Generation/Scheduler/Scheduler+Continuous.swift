/// Sequences join and leave at every step, each with one contiguous range reserved for the longest that it may become.
///
/// Orca (Yu et al. 2022) batches so, mixing prompts and outputs in one step; Hugging Face's text-generation-inference of early
/// 2023 reserved prompt + max_new_tokens, and took n outputs for n requests. Both compute a prompt whole. Memory is handed
/// out first fit and in whole blocks: a few slots lost where those systems counted tokens, many saved where the paper gives
/// Orca a buddy allocator.
extension Scheduler {
  mutating func planContinuous(_ step: inout ScheduledStep) {
    var budget = configuration.maxBatchedTokens
    for index in running.indices where budget > 0 { budget -= emit(Int(running[index]), budget: budget, &step) }
    while budget > 0, running.count < configuration.maxSequences, let member = waiting.first {
      let slot = Int(member)
      let known = Int(sequences[slot].known)
      // Only a prompt that no step could hold is cut.
      guard known <= budget || known > configuration.maxBatchedTokens else { return }
      let prompt = groups[Int(sequences[slot].group)].prompt.count
      let slots = reservedSlots(prompt: prompt, end: Int(sequences[slot].longest))
      guard reserveRange(slot, slots: slots) else { return }
      waiting.removeFirst()
      running.append(member)
      budget -= emit(slot, budget: budget, &step)
    }
  }

  /// Gives a sequence one range of blocks.
  ///
  /// - Returns: whether there was one.
  @discardableResult mutating func reserveRange(_ slot: Int, slots: Int) -> Bool {
    let count = blocks(for: slots)
    if let refused, refused.member == slot, pool.freeCount <= refused.free {
      if count <= pool.freeCount { counting.slotsFragmented = pool.freeCount * pool.blockSize }
      return false
    }
    guard let range = pool.allocateRange(count) else {
      refused = (Int32(slot), pool.freeCount)
      if count <= pool.freeCount { counting.slotsFragmented = pool.freeCount * pool.blockSize }
      return false
    }
    refused = nil
    let group = Int(sequences[slot].group)
    if groups[group].cachedTokens == nil {
      groups[group].cachedTokens = 0
      admitted.append(groups[group].id)
    }
    giveRow(slot)
    for block in range { tables.append(block, to: sequences[slot].row) }
    sequences[slot].state = .active
    sequences[slot].capacity = Int32(count * pool.blockSize)
    sequences[slot].reservedAt = totals.steps
    return true
  }
}
