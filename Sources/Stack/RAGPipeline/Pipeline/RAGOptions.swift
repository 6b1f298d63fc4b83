public import Generation

/// How passages become a prompt.
public struct RAGOptions: Sendable {
  /// Passages that are retrieved.
  public var limit = 5
  public var order = PassageOrder.bestLast
  public var duplicates = DuplicateRule.text
  /// Tokens that the passages may take in the prompt; nil: as many as the model has room for. What does not fit is cut, the
  /// worst first, and told.
  public var budget: Int?
  public var template = PromptTemplate.contextTags
  public var sampling = SamplingParameters()

  public init() {}
}

/// In which order the passages stand in the prompt.
public enum PassageOrder: String, Sendable, CaseIterable, Codable {
  case bestFirst = "best-first"
  /// Models read the ends of a long context best (Liu et al., "Lost in the Middle", TACL 2024), and the end lies nearest to the
  /// question.
  case bestLast = "best-last"
  /// The best last, the second first, and so inwards: both ends hold the good ones, the middle the worst.
  case bestEnds = "best-ends"
}

/// Which passages count as the same, of which only the best stays.
public enum DuplicateRule: String, Sendable, CaseIterable, Codable {
  case keep
  /// Equal text.
  case text
  /// Of the same document.
  case document
}
