/// A piece of a document, with its exact place there.
public struct Chunk: Sendable, Equatable {
  /// The text of the source between `start` and `end`, to the byte.
  public var text: String
  /// Offsets in UTF-8 bytes of the source.
  public var start: Int
  public var end: Int
  /// What the chunker knows of the place, the heading path of a Markdown section, say.
  public var metadata: [String: String]

  public init(text: String, start: Int, end: Int, metadata: [String: String] = [:]) {
    self.text = text
    self.start = start
    self.end = end
    self.metadata = metadata
  }
}

/// Cuts a text into chunks.
public protocol Chunker: Sendable {
  /// The name by which specifications know this kind: "recursive", "separator", ….
  static var kind: String { get }

  /// Chunks in the order of the text; they may overlap, and what is left out between them is white space or separators.
  /// - Complexity: O(length of the text).
  func chunks(of text: String) -> [Chunk]
}

/// Why a chunker cannot be made: the parameter, its value, and what would be right.
public struct ChunkerError: Error, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) {
    self.description = description
  }
}
