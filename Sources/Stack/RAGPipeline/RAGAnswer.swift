public import Generation
public import ModelFiles

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

/// A question with its context, ready to be generated from.
public struct PreparedQuestion: Sendable, Equatable {
  public var question: String
  /// What was searched for: the question, or what an agent's model made of it.
  public var query: String
  /// As they stand in the prompt.
  public var passages: [Passage]
  /// What did not fit the budget, the best first.
  public var cut: [Passage]
  /// How many passages were dropped as the same as better ones.
  public var duplicates: Int
  /// As they were found, the best first, before anything was dropped.
  public var found: [Passage]
  public var messages: [ChatMessage]
  public var spans: [StageSpan]

  public init(
    question: String, query: String, passages: [Passage], cut: [Passage], duplicates: Int, found: [Passage],
    messages: [ChatMessage], spans: [StageSpan]
  ) {
    self.question = question
    self.query = query
    self.passages = passages
    self.cut = cut
    self.duplicates = duplicates
    self.found = found
    self.messages = messages
    self.spans = spans
  }
}

/// What a pipeline tells while it works on a question.
public enum RAGEvent: Sendable {
  /// An agent's model, or the pipeline for it, calls `knowledge_search`.
  case toolCall(query: String)
  case prepared(PreparedQuestion)
  /// Tokens, ends and usage of the answer; an agent's planning is not told.
  case generation(GenerationEvent)
}

/// Why a question cannot be answered, as one sentence that says what to do next.
public struct RAGError: Error, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}
