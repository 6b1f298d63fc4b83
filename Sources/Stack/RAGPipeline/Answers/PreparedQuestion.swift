public import ModelFiles

/// A question with its context, ready to be generated from.
public struct PreparedQuestion: Sendable, Equatable {
  public var question: String
  /// What was searched for: the question, or what an agent's model made of it.
  public var query: String
  /// As they stand in the prompt.
  public var passages: [Passage]
  /// The same, the best first: the first is number 1 of the prompt.
  public var sources: [Passage]
  /// What did not fit the budget, the best first. A passage that fitted in part stands here with the rest of its text.
  public var cut: [Passage]
  /// How many passages were dropped as the same as better ones.
  public var duplicates: Int
  /// As they were found, the best first, before anything was dropped.
  public var found: [Passage]
  public var messages: [ChatMessage]
  /// What passages took of the prompt; nil where nobody here can count.
  public var contextTokens: Int?
  /// What an agent's model said when it was asked what to search for.
  public var plan: Plan?
  public var spans: [StageSpan]

  /// The first turn of an agent whose model searches.
  public struct Plan: Sendable, Equatable {
    public var text: String
    /// Whether the model's call could be read; otherwise the question was searched for.
    public var isReadable: Bool
    public var promptTokens: Int
    /// Of the prompt, found in the prefix cache.
    public var cachedTokens: Int
    public var completionTokens: Int

    public init(text: String, isReadable: Bool, promptTokens: Int, cachedTokens: Int, completionTokens: Int) {
      self.text = text
      self.isReadable = isReadable
      self.promptTokens = promptTokens
      self.cachedTokens = cachedTokens
      self.completionTokens = completionTokens
    }
  }

  /// - Parameter sources: the passages, if nil.
  public init(
    question: String, query: String, passages: [Passage], sources: [Passage]? = nil, cut: [Passage] = [],
    duplicates: Int = 0, found: [Passage], messages: [ChatMessage], contextTokens: Int? = nil, plan: Plan? = nil,
    spans: [StageSpan]
  ) {
    self.question = question
    self.query = query
    self.passages = passages
    self.sources = sources ?? passages
    self.cut = cut
    self.duplicates = duplicates
    self.found = found
    self.messages = messages
    self.contextTokens = contextTokens
    self.plan = plan
    self.spans = spans
  }
}
