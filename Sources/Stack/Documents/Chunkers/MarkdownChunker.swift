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

/// The sections of a Markdown text, in order and without gaps.
private struct MarkdownOutline {
  struct Section {
    var range: Range<Int>
    var headings: [String]
  }

  private(set) var sections: [Section] = []
  private var path: [(level: Int, title: String)] = []
  private var start = 0

  init(_ bytes: TextBytes) {
    var fence: (mark: UInt8, count: Int)?
    var paragraph: Range<Int>?
    var offset = Self.frontMatterEnd(bytes)
    while offset < bytes.count {
      let lineEnd = bytes.firstOccurrence(of: [0x0A], in: offset..<bytes.count) ?? bytes.count
      let line = Line(bytes, offset..<lineEnd)
      if let open = fence {
        if line.closes(open) { fence = nil }
      } else if let opened = line.fence {
        fence = opened
        paragraph = nil
      } else if let heading = line.heading {
        begin(at: offset, level: heading.level, title: bytes.chunk(heading.title).text)
        paragraph = nil
      } else if let above = paragraph, let level = line.underline {
        begin(at: above.lowerBound, level: level, title: bytes.chunk(bytes.strippingWhiteSpace(above)).text)
        paragraph = nil
      } else {
        paragraph = line.isParagraph ? offset..<lineEnd : nil
      }
      offset = lineEnd + 1
    }
    close(at: bytes.count)
  }

  private mutating func begin(at offset: Int, level: Int, title: String) {
    close(at: offset)
    path.removeAll { $0.level >= level }
    path.append((level, title))
  }

  private mutating func close(at end: Int) {
    if end > start { sections.append(Section(range: start..<end, headings: path.map(\.title))) }
    start = end
  }

  /// The offset behind a leading block between `---` lines, or 0.
  private static func frontMatterEnd(_ bytes: TextBytes) -> Int {
    guard bytes.firstOccurrence(of: Array("---\n".utf8), in: 0..<min(4, bytes.count)) == 0,
      let end = bytes.firstOccurrence(of: Array("\n---".utf8), in: 3..<bytes.count)
    else { return 0 }
    return bytes.firstOccurrence(of: [0x0A], in: end + 4..<bytes.count).map { $0 + 1 } ?? bytes.count
  }

  /// What one line means on its own.
  private struct Line {
    private let bytes: TextBytes
    private let content: Range<Int>
    /// Four or more leading spaces make code, not structure.
    private let isIndented: Bool

    init(_ bytes: TextBytes, _ range: Range<Int>) {
      self.bytes = bytes
      content = bytes.strippingWhiteSpace(range)
      isIndented = content.lowerBound - range.lowerBound > 3
    }

    private func run(of byte: UInt8, from start: Int) -> Int {
      var end = start
      while end < content.upperBound, bytes[end] == byte { end += 1 }
      return end - start
    }

    var fence: (mark: UInt8, count: Int)? {
      guard !isIndented, let first = first, first == UInt8(ascii: "`") || first == UInt8(ascii: "~") else { return nil }
      let count = run(of: first, from: content.lowerBound)
      return count >= 3 ? (first, count) : nil
    }

    func closes(_ open: (mark: UInt8, count: Int)) -> Bool {
      !isIndented && first == open.mark && content.count >= open.count
        && run(of: open.mark, from: content.lowerBound) == content.count
    }

    var heading: (level: Int, title: Range<Int>)? {
      let level = run(of: UInt8(ascii: "#"), from: content.lowerBound)
      let after = content.lowerBound + level
      guard !isIndented, 1...6 ~= level, after == content.upperBound || bytes[after] == 0x20 || bytes[after] == 0x09
      else { return nil }
      var title = bytes.strippingWhiteSpace(after..<content.upperBound)
      var end = title.upperBound
      while end > title.lowerBound, bytes[end - 1] == UInt8(ascii: "#") { end -= 1 }
      if end < title.upperBound, end == title.lowerBound || bytes[end - 1] == 0x20 {
        title = bytes.strippingWhiteSpace(title.lowerBound..<end)
      }
      return (level, title)
    }

    /// The level that a line of `=` or `-` gives to the paragraph line above it.
    var underline: Int? {
      guard !isIndented, let first, first == UInt8(ascii: "=") || first == UInt8(ascii: "-"),
        run(of: first, from: content.lowerBound) == content.count
      else { return nil }
      return first == UInt8(ascii: "=") ? 1 : 2
    }

    /// Whether the line can be the text of a setext heading.
    var isParagraph: Bool {
      guard !isIndented, let first else { return false }
      return ![UInt8(ascii: "|"), UInt8(ascii: ">"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+")]
        .contains(first)
    }

    private var first: UInt8? { content.isEmpty ? nil : bytes[content.lowerBound] }
  }
}
