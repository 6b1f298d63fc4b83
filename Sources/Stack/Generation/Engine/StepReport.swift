/// What came of one step of the engine.
public struct StepReport: Sendable {
  public var statistics: StepStatistics
  /// By the executor's own clock; nil where it has none.
  public var seconds: Double?
  /// One for each output that went on, in the order of the step's samples.
  public var outcomes: [TokenOutcome]
  /// One for each outcome: nil where it was not asked for, nor needed to find the best outputs; empty where that is so of all.
  public var logprobs: [TokenLogprob?]
}

/// The next token of an output.
public struct TokenOutcome: Sendable {
  public var choice: ChoiceID
  /// Below 0 where no token was computed.
  public var token: Int32
  /// Why this token is the output's last; nil if it is not.
  public var finished: FinishReason?
}

/// A step could not be computed, not even at the second try; the requests in it are gone.
public struct StepFailure: Error, Equatable, CustomStringConvertible {
  public var requests: [Int]
  public var reason: String

  public var description: String { "a step could not be computed, and neither when it was repeated: \(reason)" }
}
