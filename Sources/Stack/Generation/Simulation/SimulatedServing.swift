/// A scheduler and a simulated executor in one loop, in virtual time: what a load would take that a device serves.
public struct SimulatedServing {
  public private(set) var scheduler: Scheduler
  public let executor: SimulatedExecutor
  private var step = ScheduledStep()
  private var tokens: [Int32] = []

  /// - Throws: `GenerationError` for a configuration under which nothing could run.
  public init(_ specification: SimulatedSpecification, _ configuration: SchedulerConfiguration) throws(GenerationError)
  {
    scheduler = try Scheduler(configuration)
    executor = SimulatedExecutor(cost: specification.cost(blockSize: configuration.policy.blockSize))
  }

  /// - Throws: `GenerationError` as `Scheduler.add`.
  public mutating func add(_ request: ScheduledRequest) throws(GenerationError) { try scheduler.add(request) }

  /// Runs one step; `scheduler.statistics` tell of it.
  ///
  /// Every choice goes on with a token of its own, so that the prefix cache takes no output for another's.
  ///
  /// - Returns: the seconds that it takes, and who finished with it; nil if there is nothing to run.
  public mutating func advance() -> (seconds: Double, finished: [FinishedChoice])? {
    guard scheduler.plan(&step) else { return nil }
    let start = executor.now
    _ = executor.execute(step)
    tokens.removeAll(keepingCapacity: true)
    for sample in step.samples { tokens.append(Int32(truncatingIfNeeded: sample.request &* 4_099 &+ sample.index)) }
    return (executor.now - start, scheduler.complete(step, tokens: tokens))
  }
}
