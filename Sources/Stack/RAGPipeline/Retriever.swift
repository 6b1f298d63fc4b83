public import VectorStores

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
  /// `embed` and `search`; `search` alone where a server does both.
  public var spans: [StageSpan]

  public init(passages: [Passage], spans: [StageSpan]) {
    self.passages = passages
    self.spans = spans
  }
}

/// A chunk of a document as a store answers it.
public struct Passage: Sendable, Equatable {
  public var key: PrimaryKey
  /// Id of its document.
  public var document: String
  /// Path or URL of the document, as a reader of the answer is told it.
  public var source: String
  public var title: String?
  public var text: String
  /// Under the collection's metric.
  public var distance: Float

  public init(key: PrimaryKey, document: String, source: String, title: String? = nil, text: String, distance: Float) {
    self.key = key
    self.document = document
    self.source = source
    self.title = title
    self.text = text
    self.distance = distance
  }
}
