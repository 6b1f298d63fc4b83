extension Scheduler {
  /// Takes what was sampled after the planned step: `tokens[i]` for `step.samples[i]`.
  ///
  /// Tokens of choices that have finished since `plan` are ignored.
  ///
  /// - Returns: the choices that ended by these tokens, or by their number, and why. Their blocks are free.
  /// - Precondition: `step` is the one planned last.
  /// - Complexity: O(runs + samples).
  @discardableResult public mutating func complete(_ step: ScheduledStep, tokens: [Int32]) -> [FinishedChoice] {
    precondition(
      isPlanned && step.runs.count == plannedRuns.count && tokens.count == plannedSamples.count,
      "a step was completed that is not the one planned last, or without a token for each sample")
    isPlanned = false
    var finished: [FinishedChoice] = []
    if isPaged {
      let remembers = configuration.policy.prefixCache
      for index in plannedRuns.indices {
        let slot = Int(plannedRuns[index])
        guard sequences[slot].state == .active else { continue }
        if remembers, sequences[slot].boundary <= sequences[slot].computed { rememberBlocks(slot) }
        if sequences[slot].computesForAll, sequences[slot].computed == sequences[slot].target { fork(slot) }
      }
    }
    for index in plannedSamples.indices {
      let slot = Int(plannedSamples[index])
      guard sequences[slot].state == .active else { continue }
      if let reason = append(tokens[index], to: slot) {
        finished.append(FinishedChoice(choice: sequences[slot].id, reason: reason))
        end(slot)
      }
    }
    return finished
  }

  private mutating func append(_ token: Int32, to slot: Int) -> FinishReason? {
    outputs.append(token, to: sequences[slot].row)
    let known = sequences[slot].known + 1
    sequences[slot].known = known
    sequences[slot].target = known
    sequences[slot].lastToken = token
    if sequences[slot].hasStopTokens, known >= sequences[slot].stopsFrom,
      groups[Int(sequences[slot].group)].stopTokens.contains(token)
    {
      return .stop
    }
    guard known >= sequences[slot].end else { return nil }
    return sequences[slot].endsByScript ? .stop : .length
  }

  /// Says that the planned step was not computed, and that nothing that the cache held can be trusted: everything that runs
  /// is preempted, to be computed anew.
  ///
  /// - Precondition: `step` is the one planned last.
  public mutating func fail(_ step: ScheduledStep) {
    precondition(isPlanned && step.runs.count == plannedRuns.count, "a step failed that is not the one planned last")
    isPlanned = false
    var last: Int32 = -1
    for member in running.reversed() {
      let slot = Int(member)
      let group = sequences[slot].group
      let isUnfinished = sequences[slot].state != .finished
      putBack(slot)
      if !isPaged {
        releaseTable(slot)
        if isUnfinished {
          waiting.prepend(member)
          counting.preemptions += 1
        }
      } else if isUnfinished, group != last {
        last = group
        requeue(group)
        counting.preemptions += 1
      }
    }
    running.removeAll(keepingCapacity: true)
    hasLeavers = false
    pool.forgetAll()
  }

  /// A group whose choices run no longer waits again, in front; suspended choices wait with the others.
  mutating func requeue(_ group: Int32) {
    groups[Int(group)].isWaiting = true
    for member in groups[Int(group)].members where sequences[Int(member)].state == .suspended {
      sequences[Int(member)].state = .waiting
      suspended -= 1
    }
    waiting.prepend(group)
  }

  // MARK: - Endings that the caller knows of

  /// Takes a request back, whatever has become of it; one that is not known, or has finished, is none of its business.
  public mutating func cancel(request id: Int) {
    guard let group = requests[id] else { return }
    for member in groups[Int(group)].members where sequences[Int(member)].state != .finished { end(Int(member)) }
  }

  /// Ends a choice: by a stop string, say, which only the caller can see. One that is not known, or has finished, is left
  /// alone.
  public mutating func finish(_ choice: ChoiceID, _ reason: FinishReason) {
    guard let sequence = sequence(of: choice), sequences[Int(sequence)].state != .finished else { return }
    end(Int(sequence))
  }

  mutating func end(_ slot: Int) {
    let before = sequences[slot].state
    let group = Int(sequences[slot].group)
    if sequences[slot].computesForAll { handOver(slot) }
    sequences[slot].state = .finished
    groups[group].unfinished -= 1
    unfinished -= 1
    switch before {
    case .active, .forking:
      hasLeavers = true
      if configuration.policy.batching == .static { leaveRow(slot) } else { releaseTable(slot) }
    case .suspended: suspended -= 1
    case .waiting:
      if !isPaged { waiting.remove(Int32(slot)) }
      refused = nil
    case .finished: break
    }
    if groups[group].unfinished == 0 {
      if isPaged, groups[group].isWaiting { waiting.remove(Int32(group)) }
      retired.append(Int32(group))
    } else if isPaged, !groups[group].isWaiting,
      !groups[group].members.contains(where: { [.active, .forking].contains(sequences[Int($0)].state) })
    {
      requeue(Int32(group))
    }
  }

  /// The choice that computes the prompt for all ends before it is done: the next goes on in its place.
  private mutating func handOver(_ slot: Int) {
    let members = groups[Int(sequences[slot].group)].members
    guard let next = members.first(where: { sequences[Int($0)].state == .forking }) else { return }
    let heir = Int(next)
    sequences[heir].state = .active
    sequences[heir].computesForAll = true
    sequences[slot].computesForAll = false
    sequences[heir].target = sequences[slot].target
    sequences[heir].computed = sequences[slot].computed
    sequences[heir].capacity = sequences[slot].capacity
    sequences[heir].boundary = sequences[slot].boundary
    sequences[heir].reservedAt = sequences[slot].reservedAt
    for place in 0..<tables.count(sequences[slot].row) {
      tables.append(tables[sequences[slot].row, place], to: sequences[heir].row)
    }
    tables.truncate(sequences[slot].row, to: 0)
    sequences[slot].capacity = 0
    sequences[slot].computed = 0
    for index in plannedRuns.indices where plannedRuns[index] == Int32(slot) { plannedRuns[index] = next }
  }

  /// Takes leave of all that has finished.
  mutating func sweep() {
    if configuration.policy.batching == .static {
      // Finished rows hold their places until the batch is done.
      guard running.allSatisfy({ sequences[Int($0)].state == .finished }) else { return }
      for member in running { releaseTable(Int(member)) }
      running.removeAll(keepingCapacity: true)
    } else if hasLeavers {
      running.removeAll { sequences[Int($0)].state == .finished }
      hasLeavers = false
    }
    while let group = retired.popLast() {
      for member in groups[Int(group)].members {
        takeRow(Int(member))
        freeSequences.append(member)
      }
      requests[groups[Int(group)].id] = nil
      groups[Int(group)].members = []
      freeGroups.append(group)
    }
  }
}
