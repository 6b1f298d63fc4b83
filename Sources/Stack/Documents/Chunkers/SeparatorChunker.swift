/// Cuts at every occurrence of a text, which belongs to no chunk, as Python's `str.split` does; empty pieces are dropped
/// and nothing is stripped.
public struct SeparatorChunker: Chunker {
  public static let kind = "separator"

  public let separator: String

  /// - Throws: `ChunkerError` if the separator is empty.
  public init(separator: String) throws {
    guard !separator.isEmpty else { throw ChunkerError("the separator is empty; give the text to cut at") }
    self.separator = separator
  }

  public func chunks(of text: String) -> [Chunk] {
    let pattern = Array(separator.utf8)
    return text.withTextBytes { bytes in
      var chunks: [Chunk] = []
      var start = 0
      while true {
        let found = bytes.firstOccurrence(of: pattern, in: start..<bytes.count)
        let end = found ?? bytes.count
        if end > start { chunks.append(bytes.chunk(start..<end)) }
        guard found != nil else { return chunks }
        start = end + pattern.count
      }
    }
  }
}
