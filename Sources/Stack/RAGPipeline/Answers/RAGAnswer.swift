public import Generation

/// What came of a question.
public struct RAGAnswer: Sendable {
  public struct Choice: Sendable, Equatable {
    public var text: String
    public var tokens: Int
    public var finishReason: FinishReason
    /// In nanoseconds of the pipeline's clock; nil where there was no token.
    public var firstToken: UInt64?
    public var lastToken: UInt64?

    public init(
      text: String = "", tokens: Int = 0, finishReason: FinishReason = .stop, firstToken: UInt64? = nil,
      lastToken: UInt64? = nil
    ) {
      self.text = text
      self.tokens = tokens
      self.finishReason = finishReason
      self.firstToken = firstToken
      self.lastToken = lastToken
    }
  }

  public var choices: [Choice]
  public var context: PreparedQuestion
  /// Of the request that the choices came of, without an agent's planning, whose tokens `context.plan` holds.
  public var promptTokens: Int
  /// Of the prompt, found in the prefix cache.
  public var cachedTokens: Int
  public var completionTokens: Int
  /// All stages, in the order of their beginnings.
  public var spans: [StageSpan]

  public init(
    choices: [Choice], context: PreparedQuestion, promptTokens: Int, cachedTokens: Int, completionTokens: Int,
    spans: [StageSpan]
  ) {
    self.choices = choices
    self.context = context
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
    self.completionTokens = completionTokens
    self.spans = spans
  }
}
