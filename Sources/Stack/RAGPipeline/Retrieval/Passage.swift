public import VectorStores

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

extension Passage {
  /// What `Ingestion` writes and a passage is read from.
  package static let fields = ["document", "text", "source", "title"]

  /// Nil for a hit without text. A row that was not written by `Ingestion` is a document of its own, called by its key.
  package init?(_ hit: SearchHit) {
    func text(_ field: String) -> String? {
      guard case .string(let text) = hit.fields[field], !text.allSatisfy(\.isWhitespace) else { return nil }
      return text
    }
    guard let content = text("text") else { return nil }
    let key =
      switch hit.key {
      case .integer(let number): "\(number)"
      case .string(let text): text
      }
    let document = text("document") ?? key
    self.init(
      key: hit.key, document: document, source: text("source") ?? document, title: text("title"), text: content,
      distance: hit.distance)
  }
}

extension Retrieval {
  /// - Throws: `RAGError` where no hit has a text at all.
  package init(hits: [SearchHit], collection: String, spans: [StageSpan]) throws(RAGError) {
    let passages = hits.compactMap(Passage.init)
    if passages.isEmpty, let hit = hits.first {
      throw RAGError(
        "row \(hit.key) of collection '\(collection)', as all that was found, has no field 'text' to be read; "
          + "fill the collection with documents, as 'ragmeter insert' does")
    }
    self.init(passages: passages, withoutText: hits.count - passages.count, spans: spans)
  }
}
