/// Block tables that grow with their sequences (paper, sections 4.2 to 4.5).
extension Scheduler {
  /// Those who run go on, in the order of their coming; then those who wait are let in, in theirs, if nobody had to be put
  /// out in this step.
  mutating func planPaged(_ step: inout ScheduledStep) {
    var budget = configuration.maxBatchedTokens
    let preemptionsBefore = counting.preemptions
    var place = 0
    while budget > 0 {
      if place == running.count {
        guard counting.preemptions == preemptionsBefore, admitGroup() else { return }
      }
      guard let end = makeRoom(forGroupAt: place, budget: budget) else { return }
      for index in place..<end where sequences[Int(running[index])].state == .active {
        budget -= emit(Int(running[index]), budget: budget, &step)
      }
      place = end
    }
  }

  /// Sees to it that the group that begins at a place of `running` finds the blocks that it needs in this step: who came
  /// last is preempted, to be computed anew.
  ///
  /// - Returns: where the group ends; nil if it was the last itself.
  private mutating func makeRoom(forGroupAt place: Int, budget: Int) -> Int? {
    let group = sequences[Int(running[place])].group
    while true {
      let (end, wanted) = wants(groupAt: place, budget: budget)
      if wanted <= pool.freeCount { return end }
      if end < running.count {
        preemptLast()
      } else if place > 0 {
        preemptLast()
        return nil
      } else {
        suspendLastChoice(of: group)
      }
    }
  }

  /// Where a group ends in `running`, and how many blocks it takes to go on with at most `budget` tokens.
  private func wants(groupAt place: Int, budget: Int) -> (end: Int, blocks: Int) {
    let group = sequences[Int(running[place])].group
    let blockSize = Int32(pool.blockSize)
    var left = Int32(budget)
    var blocks: Int32 = 0
    var sharers = 0
    var owners = 0
    var index = place
    repeat {
      let slot = Int(running[index])
      index += 1
      guard sequences[slot].state == .active else { continue }
      let count = min(sequences[slot].target - sequences[slot].computed, left)
      guard count > 0 else { continue }
      left -= count
      let lacking = sequences[slot].computed + count - sequences[slot].capacity
      if lacking > 0 { blocks += (lacking + blockSize - 1) / blockSize }
      if sequences[slot].hasSharedTail {
        let row = sequences[slot].row
        owners = pool.references(to: tables[row, tables.count(row) - 1])
        if owners > 1 { sharers += 1 }
      }
    } while index < running.count && sequences[Int(running[index])].group == group
    // The last who writes into a shared tail needs no copy.
    return (index, Int(blocks) + (sharers > 0 && sharers == owners ? sharers - 1 : sharers))
  }

  /// Sends the group that came last back to the head of the line; its choices keep what they have generated.
  private mutating func preemptLast() {
    guard let last = running.last else { return }
    let group = sequences[Int(last)].group
    while let member = running.last, sequences[Int(member)].group == group {
      running.removeLast()
      putBack(Int(member))
    }
    requeue(group)
    counting.preemptions += 1
  }

  /// A running sequence loses its blocks and waits.
  mutating func putBack(_ slot: Int) {
    guard sequences[slot].state != .finished else { return }
    releaseTable(slot)
    sequences[slot].state = .waiting
    sequences[slot].target = sequences[slot].known
  }

  /// The choices of a request go together, unless they cannot: alone in the whole KV budget, the last steps back.
  private mutating func suspendLastChoice(of group: Int32) {
    guard let index = running.lastIndex(where: { sequences[Int($0)].state == .active }), index > 0 else {
      preconditionFailure("a sequence was let in that cannot fit alone")
    }
    let slot = Int(running.remove(at: index))
    putBack(slot)
    sequences[slot].state = .suspended
    suspended += 1
    counting.preemptions += 1
  }

  // MARK: - Letting in

  /// Lets the first group in line run, if there is room for all that is known of it, and for a block more of everyone who
  /// runs then: newcomers who take the last blocks are preempted in the next steps. (vLLM's block manager keeps one
  /// percent of all blocks free for that.) A group that finds nobody else running needs no such margin.
  private mutating func admitGroup() -> Bool {
    guard suspended == 0, let group = waiting.first else { return false }
    if let refused, refused.member == group, pool.freeCount <= refused.free, !running.isEmpty { return false }
    let place = Int(group)
    let unfinished = groups[place].unfinished
    guard running.count + unfinished <= configuration.maxSequences else { return false }
    guard let first = groups[place].members.first(where: { sequences[Int($0)].state == .waiting }) else { return false }
    let isForking = configuration.policy.sharing && unfinished > 1
    let prompt = Int32(groups[place].prompt.count)
    sequences[Int(first)].target = isForking ? prompt : sequences[Int(first)].known
    if !running.isEmpty {
      let found = findCached(Int(first))
      let reused = isForking ? found.blocks : unfinished * min(found.blocks, Int(prompt) / pool.blockSize)
      let wanted = knownBlocks(of: place, isForking: isForking) - reused + unfinished + running.count
      guard wanted + found.free <= pool.freeCount else {
        refused = (group, pool.freeCount)
        return false
      }
    }
    refused = nil
    waiting.removeFirst()
    groups[place].isWaiting = false
    sequences[Int(first)].computesForAll = isForking
    let cachedBefore = counting.cachedPromptTokens
    for member in groups[place].members where sequences[Int(member)].state == .waiting {
      let slot = Int(member)
      giveRow(slot)
      sequences[slot].state = isForking && member != first ? .forking : .active
      sequences[slot].boundary = Int32(pool.blockSize)
      running.append(member)
      if sequences[slot].state == .active { takeCached(slot) }
    }
    if groups[place].cachedTokens == nil {
      let hits = counting.cachedPromptTokens - cachedBefore
      groups[place].cachedTokens = min(Int(prompt), hits)
      admitted.append(groups[place].id)
      if configuration.policy.prefixCache {
        counting.prefixQueries += Int(prompt) * (isForking ? 1 : unfinished)
        counting.prefixHits += hits
      }
    }
    return true
  }

  /// Blocks for all tokens of a group that are known.
  private func knownBlocks(of group: Int, isForking: Bool) -> Int {
    let prompt = groups[group].prompt.count
    let shared = isForking ? prompt / pool.blockSize : 0
    var sum = isForking ? blocks(for: prompt) : 0
    for member in groups[group].members where sequences[Int(member)].state == .waiting {
      let known = Int(sequences[Int(member)].known)
      if !isForking || known > prompt { sum += blocks(for: known) - shared }
    }
    return sum
  }

  /// The prompt has been computed for all choices: they share its blocks from now on.
  mutating func fork(_ parent: Int) {
    let group = Int(sequences[parent].group)
    sequences[parent].computesForAll = false
    let parentRow = sequences[parent].row
    let isTailShared = sequences[parent].computed % Int32(pool.blockSize) != 0
    for member in groups[group].members where sequences[Int(member)].state == .forking {
      let slot = Int(member)
      sequences[slot].state = .active
      sequences[slot].computed = sequences[parent].computed
      sequences[slot].capacity = sequences[parent].capacity
      sequences[slot].boundary = sequences[parent].boundary
      sequences[slot].reservedAt = totals.steps
      sequences[slot].hasSharedTail = isTailShared
      sequences[parent].hasSharedTail = isTailShared
      for place in 0..<tables.count(parentRow) {
        let block = tables[parentRow, place]
        pool.share(block)
        tables.append(block, to: sequences[slot].row)
      }
    }
    for member in groups[group].members where sequences[Int(member)].state == .active {
      let slot = Int(member)
      sequences[slot].target = sequences[slot].known
      if sequences[slot].known > sequences[slot].computed + 1 { takeCached(slot) }
    }
  }
}
