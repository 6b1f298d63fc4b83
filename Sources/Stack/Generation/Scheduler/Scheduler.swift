/// Decides what every step computes, and where its keys and values go: first come first served, under a budget of tokens
/// and of KV blocks, by one of three policies (`KVPolicy`).
///
/// A pure value without clock, randomness or I/O: the engine and the simulator drive the same. `plan` fills a step; after it
/// has been executed `complete` takes the sampled tokens, or `fail` says that nothing came of it. Requests may be added,
/// cancelled and finished at any time, between `plan` and `complete` too.
public struct Scheduler: Sendable {
  public let configuration: SchedulerConfiguration
  /// Of the step planned last.
  public internal(set) var statistics = StepStatistics()
  /// Of all steps planned.
  public internal(set) var totals = SchedulerTotals()

  /// Requests that the step planned last let in for the first time, by the first of their outputs.
  public internal(set) var admitted: [Int] = []

  public internal(set) var pool: BlockPool
  var groups: [Group] = []
  var sequences: [Sequence] = []
  /// Groups by the id of their request.
  var requests: [Int: Int32] = [:]
  /// Groups under `paged`, sequences under the contiguous policies, whose n outputs are n requests.
  var waiting = WaitingLine()
  /// Sequences that have been let in, in the order of their coming, those of a request side by side.
  var running: [Int32] = []
  var tables = GrowingRows()
  var outputs = GrowingRows()

  /// Whether a step has been planned that is neither complete nor failed.
  var isPlanned = false
  /// The sequences of the planned step's runs and of its samples.
  var plannedRuns: [Int32] = []
  var plannedSamples: [Int32] = []
  /// Whether `running` holds finished sequences that are to leave it.
  var hasLeavers = false
  /// Suspended sequences.
  var suspended = 0
  /// Outputs that have not finished.
  var unfinished = 0
  /// Of what happened since the step before, and of the memory as it stands.
  var counting = StepStatistics()
  /// Groups whose last choice has finished since the last plan.
  var retired: [Int32] = []
  var freeGroups: [Int32] = []
  var freeSequences: [Int32] = []
  /// The first in line when it was refused for lack of memory, and how many blocks were free then: no use to try again
  /// before there are more.
  var refused: (member: Int32, free: Int)?
  /// Of a `static` batch: the longest prompt, and the slots of each row.
  var batchPrompt: Int32 = 0
  var batchReserve: Int32 = 0
  /// Tokens on their way to the prefix cache.
  var blockTokens: [Int32] = []

  /// - Parameter hashMask: see `BlockPool`.
  package init(_ configuration: SchedulerConfiguration, hashMask: UInt64) throws(GenerationError) {
    try configuration.check()
    self.configuration = configuration
    pool = BlockPool(
      blockCount: configuration.blockCount, blockSize: configuration.policy.blockSize, hashMask: hashMask)
  }

  /// - Throws: `GenerationError` for a configuration under which nothing could ever run.
  public init(_ configuration: SchedulerConfiguration) throws(GenerationError) {
    try self.init(configuration, hashMask: .max)
  }

  /// Whether any request is unfinished.
  public var hasWork: Bool { requests.count > retired.count }

  /// Fills the next step.
  ///
  /// - Returns: false if there is nothing to run.
  /// - Precondition: the step planned before is complete or has failed.
  /// - Complexity: O(runs + their blocks).
  public mutating func plan(_ step: inout ScheduledStep) -> Bool {
    precondition(!isPlanned, "a step was planned before the last one was completed")
    step.clear()
    plannedRuns.removeAll(keepingCapacity: true)
    plannedSamples.removeAll(keepingCapacity: true)
    admitted.removeAll(keepingCapacity: true)
    sweep()
    switch configuration.policy.batching {
    case .paged: planPaged(&step)
    case .continuous: planContinuous(&step)
    case .static: planStatic(&step)
    }
    guard !step.runs.isEmpty else { return false }
    isPlanned = true
    countStep(step)
    return true
  }

  /// What a choice has generated so far; of a finished one until the next `plan` after its request's last has finished.
  /// Empty for a choice that is not known.
  public func tokens(of choice: ChoiceID) -> ArraySlice<Int32> {
    guard let sequence = sequence(of: choice), sequences[Int(sequence)].row >= 0 else { return [] }
    return outputs[sequences[Int(sequence)].row]
  }

  /// Tokens of a request's prompt that the prefix cache held when it was let in first; nil if it has not been let in, or is
  /// not known (as `tokens(of:)`).
  public func cachedTokens(ofRequest id: Int) -> Int? { requests[id].flatMap { groups[Int($0)].cachedTokens } }

  func sequence(of choice: ChoiceID) -> Int32? {
    guard let group = requests[choice.request] else { return nil }
    let members = groups[Int(group)].members
    return members.indices.contains(choice.index) ? members[choice.index] : nil
  }
}
