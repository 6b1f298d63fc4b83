/// What a loader takes of its source, where that is a matter of choice.
public struct LoadingOptions: Sendable, Equatable {
  /// Which files of a folder or an archive are documents: `**/*.md`, `faq/*.{md,rst}`; see `GlobPattern`.
  public var glob = "**/*"
  /// Whether the `nav`, `header`, `footer` and `aside` of an HTML page are part of its text.
  public var keepsNavigation = false
  /// Where JSON lines keep what a document has.
  public var fields = JSONFields()
  /// Which judgements of a BEIR folder are read: `qrels/SPLIT.tsv`.
  public var split = "test"

  public init() {}
}

/// The fields of a JSON object that make a document. Other fields that hold a string, a number or a boolean become metadata.
public struct JSONFields: Sendable, Equatable {
  /// A string or an integer; an object without it is called by the number of its line.
  public var id: String
  /// A string; an object without it is an error.
  public var text: String
  /// A string, or absent.
  public var title: String

  public init(id: String = "id", text: String = "text", title: String = "title") {
    self.id = id
    self.text = text
    self.title = title
  }
}
