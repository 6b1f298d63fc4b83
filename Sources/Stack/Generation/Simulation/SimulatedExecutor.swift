/// An executor that computes nothing: it says how long a step would take on a device, and lets virtual time pass.
public final class SimulatedExecutor: ModelExecutor {
  public let cost: StepCost
  /// Virtual seconds since the executor was made.
  public private(set) var now = 0.0
  /// Where they went.
  public private(set) var spent = StepCost.Parts()

  public init(cost: StepCost) { self.cost = cost }

  public func execute(_ step: ScheduledStep) -> ExecutedStep {
    let parts = cost.parts(of: step)
    let seconds = parts.total
    now += seconds
    spent.linear += parts.linear
    spent.output += parts.output
    spent.attention += parts.attention
    spent.copies += parts.copies
    spent.communication += parts.communication
    spent.overhead += parts.overhead
    return ExecutedStep(seconds: seconds)
  }

  /// Nothing happens until a request comes: virtual time passes to that moment, unless it has passed.
  public func wait(until moment: Double) { now = max(now, moment) }
}
