/// What an engine has done so far.
public struct EngineStatistics: Sendable {
  /// One step.
  public struct Step: Sendable {
    public var statistics: StepStatistics
    public var seconds: Double
  }

  public var totals = SchedulerTotals()
  public var seconds = 0.0
  /// Steps with tokens of prompts: those tokens, and the seconds of the steps, outputs that went on in them included.
  public var prefillTokens = 0
  public var prefillSeconds = 0.0
  /// Steps with nothing but the next tokens of outputs.
  public var decodeTokens = 0
  public var decodeSeconds = 0.0
  /// The most blocks to which more than one table referred in a step, and the most that sharing saved in one.
  public var peakBlocksShared = 0
  public var peakBlocksSaved = 0
  public var finishedRequests = 0
  public var cancelledRequests = 0
  public var failedRequests = 0
  /// Tokens of prompts of requests whose first token has come, whether they were computed or found; and of all outputs.
  public var promptTokens = 0
  public var generatedTokens = 0
  /// How things stand now, requests that the engine's thread has not seen yet among those that wait.
  public var occupancy = Scheduler.Occupancy()
  /// Steps by the tokens of prompts and outputs that they computed.
  public var stepTokens = BoundedCounts(bounds: (0...14).filter { ![1, 2].contains($0) }.map { Double(1 << $0) })
  /// Seconds of requests: until they were let in, from then to their first token, and from then to their end.
  public var queueSeconds = BoundedCounts(bounds: BoundedCounts.requestSeconds)
  public var promptSeconds = BoundedCounts(bounds: BoundedCounts.requestSeconds)
  public var runningSeconds = BoundedCounts(bounds: BoundedCounts.requestSeconds)
  /// The last steps, the newest at the end: `historyLimit` at least, where there were so many, and less than twice that.
  public private(set) var history: [Step] = []

  public static let historyLimit = 1024

  public init() {}

  public var prefillTokensPerSecond: Double? { prefillSeconds > 0 ? Double(prefillTokens) / prefillSeconds : nil }
  public var decodeTokensPerSecond: Double? { decodeSeconds > 0 ? Double(decodeTokens) / decodeSeconds : nil }

  mutating func add(_ step: StepStatistics, seconds: Double, totals: SchedulerTotals) {
    self.totals = totals
    self.seconds += seconds
    if step.prefillTokens > 0 {
      prefillTokens += step.prefillTokens
      prefillSeconds += seconds
    } else {
      decodeTokens += step.decodeTokens
      decodeSeconds += seconds
    }
    stepTokens.record(Double(step.prefillTokens + step.decodeTokens))
    peakBlocksShared = max(peakBlocksShared, step.blocksShared)
    peakBlocksSaved = max(peakBlocksSaved, step.blocksSavedBySharing)
    if history.count == 2 * Self.historyLimit - 1 { history.removeFirst(Self.historyLimit) }
    history.append(Step(statistics: step, seconds: seconds))
  }
}
