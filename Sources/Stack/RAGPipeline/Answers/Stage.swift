/// What a question goes through, in this order; an agent's first turn is `plan`.
public enum Stage: String, Sendable, CaseIterable, Codable {
  /// The model says what to search for.
  case plan
  case embed
  case search
  /// Duplicates dropped, ordered, fitted to the budget.
  case arrange
  /// The template filled.
  case prompt
  /// From the request to its first token: the queue and the prefill.
  case firstToken = "first_token"
  /// From the first token to the last of all choices.
  case decode
}

/// When a stage began and ended, in nanoseconds of the pipeline's clock.
public struct StageSpan: Sendable, Equatable {
  public var stage: Stage
  public var start: UInt64
  public var end: UInt64

  public init(_ stage: Stage, start: UInt64, end: UInt64) {
    self.stage = stage
    self.start = start
    self.end = end
  }
}
