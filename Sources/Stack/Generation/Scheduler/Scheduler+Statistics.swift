extension Scheduler {
  /// Takes stock of the step that has been planned.
  mutating func countStep(_ step: ScheduledStep) {
    counting.runs = step.runs.count
    counting.runningSequences = running.count
    if configuration.policy.batching == .static {
      counting.runningSequences = running.count { sequences[Int($0)].state != .finished }
    }
    counting.waitingRequests = waiting.count
    counting.blocksUsed = pool.usedCount
    counting.blocksShared = pool.sharedCount
    counting.blocksSavedBySharing = pool.savedCount
    counting.blocksCached = pool.cachedCount
    counting.slotsReserved = pool.usedCount * pool.blockSize
    statistics = counting
    totals.add(counting)
    let tokensStored = counting.tokensStored
    counting = StepStatistics()
    counting.tokensStored = tokensStored
  }
}
