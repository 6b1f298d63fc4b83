/// Cuts a Markdown text at its headings. A chunk is a heading with what stands under it up to the next heading; a section
/// longer than the size is cut further as `RecursiveChunker` does.
///
/// `metadata["headings"]` is the path of headings above and of the chunk, joined by " > ". ATX headings (`#` to `######`)
/// and setext headings count; lines in fenced code and in a leading front matter do not (CommonMark 0.31, sections 4.2,
/// 4.3 and 4.5).
public struct MarkdownChunker: Chunker {
  public static let kind = "markdown"

  public let length: ChunkLength

  public init(length: ChunkLength) { self.length = length }

  public func chunks(of text: String) -> [Chunk] {
    text.withTextBytes { bytes in
      let cutter = RecursiveChunker(length: length)
      return MarkdownOutline(bytes).sections.flatMap { section in
        let stripped = bytes.strippingWhiteSpace(section.range)
        let ranges = bytes.scalarCount(stripped) <= length.size ? [stripped] : cutter.ranges(in: stripped, of: bytes)
        let metadata = section.headings.isEmpty ? [:] : ["headings": section.headings.joined(separator: " > ")]
        return ranges.filter { !$0.isEmpty }.map { bytes.chunk($0, metadata: metadata) }
      }
    }
  }
}
