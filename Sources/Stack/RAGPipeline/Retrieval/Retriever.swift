/// Finds what may answer a question: an embedder before a store, or a server that does both.
public protocol Retriever: Sendable {
  /// May block for as long as the search takes.
  ///
  /// - Throws: what the embedder and the store throw.
  func retrieve(_ question: String, limit: Int) throws -> Retrieval
}

/// What was found for a question, and when.
public struct Retrieval: Sendable, Equatable {
  /// The best first; fewer than asked for where there are fewer.
  public var passages: [Passage]
  /// Hits that had no text, and are no passages therefore.
  public var withoutText: Int
  /// `embed` and `search`; `search` alone where a server does both.
  public var spans: [StageSpan]

  public init(passages: [Passage], withoutText: Int = 0, spans: [StageSpan]) {
    self.passages = passages
    self.withoutText = withoutText
    self.spans = spans
  }
}
