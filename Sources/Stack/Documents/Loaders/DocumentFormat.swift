/// How the text of one document is written.
public enum DocumentFormat: String, Sendable, CaseIterable {
  case text, markdown, rst, html

  /// What the ending of a path says; a file of any other ending is plain text. ".gz" behind it counts for nothing.
  public init(path: String) {
    self = Self.known(path: path) ?? .text
  }

  public var mimeType: String {
    switch self {
    case .text: "text/plain"
    case .markdown: "text/markdown"
    case .rst: "text/x-rst"
    case .html: "text/html"
    }
  }

  /// Nil for an ending that says nothing.
  static func known(path: String) -> DocumentFormat? {
    switch PathEnding.of(path) {
    case "txt", "text": .text
    case "md", "markdown", "mdx": .markdown
    case "rst", "rest": .rst
    case "html", "htm", "xhtml": .html
    default: nil
    }
  }
}

/// The part of a path that tells what a file is.
enum PathEnding {
  /// In lower case and without the dot, that of "FILE.jsonl.gz" being "jsonl"; empty where there is none.
  static func of(_ path: String) -> String {
    var parts = path.split(separator: "/").last.map { $0.split(separator: ".", omittingEmptySubsequences: false) } ?? []
    if parts.count > 1, parts.last?.lowercased() == "gz" { parts.removeLast() }
    return parts.count > 1 ? parts[parts.count - 1].lowercased() : ""
  }
}
