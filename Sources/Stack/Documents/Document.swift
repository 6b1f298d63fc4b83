/// A text with where it came from.
public struct Document: Sendable, Equatable {
  /// Unique in its corpus.
  public var id: String
  public var title: String?
  public var text: String
  /// Path or URL of what it was read from; a member of an archive follows a "!".
  public var source: String
  /// "text/plain", "text/markdown", "text/x-rst", "text/html", ….
  public var mimeType: String
  public var metadata: [String: String]
  /// Sequences of bytes that were no UTF-8 and became U+FFFD.
  public var repairs: Int

  public init(
    id: String, title: String? = nil, text: String, source: String, mimeType: String = "text/plain",
    metadata: [String: String] = [:], repairs: Int = 0
  ) {
    self.id = id
    self.title = title
    self.text = text
    self.source = source
    self.mimeType = mimeType
    self.metadata = metadata
    self.repairs = repairs
  }
}

/// A question that a retriever is scored on.
public struct Question: Sendable, Equatable {
  /// Unique in its corpus.
  public var id: String
  public var text: String
  /// Short answers of reference, where the source has them.
  public var answers: [String]
  /// What answers it, and how well: document id → grade, as trec_eval reads them (0 is not relevant).
  public var judgements: [String: Int]
  /// Where in its documents the answer stands, in UTF-8 bytes; empty where the source judges whole documents.
  public var evidence: [Evidence]

  public init(
    id: String, text: String, answers: [String] = [], judgements: [String: Int], evidence: [Evidence] = []
  ) {
    self.id = id
    self.text = text
    self.answers = answers
    self.judgements = judgements
    self.evidence = evidence
  }
}

/// The place of an answer.
public struct Evidence: Sendable, Equatable {
  public var document: String
  /// Offsets in UTF-8 bytes of the document's text.
  public var range: Range<Int>

  public init(document: String, range: Range<Int>) {
    self.document = document
    self.range = range
  }
}

/// Documents, and the questions that are asked of them.
public struct Corpus: Sendable, Equatable {
  public var name: String
  public var documents: [Document]
  /// Empty for plain text.
  public var questions: [Question]
  /// What was left out or mended while reading, a sentence each.
  public var warnings: [String]

  public init(name: String, documents: [Document], questions: [Question] = [], warnings: [String] = []) {
    self.name = name
    self.documents = documents
    self.questions = questions
    self.warnings = warnings
  }
}
