/// What a planned step is made of, and how the KV memory stands when it is done.
///
/// A slot is a place for one token in a block. KV utilisation is `tokensStored / slotsReserved`, KV waste the rest.
public struct StepStatistics: Sendable, Equatable {
  public init() {}

  public var runs = 0
  /// Tokens of prompts, and outputs that are computed anew after a preemption.
  public var prefillTokens = 0
  public var decodeTokens = 0
  /// Tokens of padding runs, computed for nothing.
  public var paddingTokens = 0
  /// Unfinished sequences that have been let in, those among them that have nothing to compute in this step too.
  public var runningSequences = 0
  /// Requests that wait; under `static` and `continuous`, where n outputs are n requests, outputs that wait.
  public var waitingRequests = 0
  public var blocksUsed = 0
  /// Blocks with more than one reference.
  public var blocksShared = 0
  /// Blocks that would be needed besides if every table had its own.
  public var blocksSavedBySharing = 0
  /// Free blocks that the prefix cache can find again.
  public var blocksCached = 0
  /// Distinct slots that hold a token of an unfinished sequence.
  public var tokensStored = 0
  /// Used blocks × block size.
  public var slotsReserved = 0
  /// Free slots that would be enough for the first who waits, and are no use to it because they are not in one piece:
  /// external fragmentation.
  public var slotsFragmented = 0
  public var copies = 0
  public var preemptions = 0
  /// Tokens that the prefix cache made unnecessary to compute.
  public var cachedPromptTokens = 0
  /// Tokens of prompts that the prefix cache was asked for when their requests were let in first, and those that it held.
  public var prefixQueries = 0
  public var prefixHits = 0

  /// Tokens stored of slots reserved; nil where nothing is reserved.
  public var utilization: Double? { slotsReserved == 0 ? nil : Double(tokensStored) / Double(slotsReserved) }
}

/// The sums of all steps that a scheduler has planned. Divided by `steps`, what counts blocks, slots or sequences is a mean
/// over steps.
public struct SchedulerTotals: Sendable, Equatable {
  public init() {}

  public var steps = 0
  public var prefillTokens = 0
  public var decodeTokens = 0
  public var paddingTokens = 0
  public var runningSequences = 0
  public var blocksUsed = 0
  public var blocksSavedBySharing = 0
  public var tokensStored = 0
  public var slotsReserved = 0
  public var slotsFragmented = 0
  /// Reserved slots, summed over the steps for which they were, that never came to hold a token of use: internal
  /// fragmentation. It is known, and counted, when the sequence leaves. The rest of the waste held tokens later: the
  /// paper's "reservation" (section 3.1).
  public var slotsNeverUsed = 0
  public var copies = 0
  public var preemptions = 0
  public var cachedPromptTokens = 0
  public var prefixQueries = 0
  public var prefixHits = 0
  /// The most blocks used in a step.
  public var peakBlocksUsed = 0

  /// Tokens stored of slots reserved, over all steps.
  public var utilization: Double? { slotsReserved == 0 ? nil : Double(tokensStored) / Double(slotsReserved) }

  /// The share of blocks that sharing spared: blocks saved of those that would be used without it, as section 6.3 of the
  /// paper counts.
  public var savedFraction: Double? {
    blocksUsed == 0 ? nil : Double(blocksSavedBySharing) / Double(blocksUsed + blocksSavedBySharing)
  }

  mutating func add(_ step: StepStatistics) {
    steps += 1
    prefillTokens += step.prefillTokens
    decodeTokens += step.decodeTokens
    paddingTokens += step.paddingTokens
    runningSequences += step.runningSequences
    blocksUsed += step.blocksUsed
    blocksSavedBySharing += step.blocksSavedBySharing
    tokensStored += step.tokensStored
    slotsReserved += step.slotsReserved
    slotsFragmented += step.slotsFragmented
    copies += step.copies
    preemptions += step.preemptions
    cachedPromptTokens += step.cachedPromptTokens
    prefixQueries += step.prefixQueries
    prefixHits += step.prefixHits
    peakBlocksUsed = max(peakBlocksUsed, step.blocksUsed)
  }
}
