/// The sections of a Markdown text, in order and without gaps.
struct MarkdownOutline {
  struct Section {
    var range: Range<Int>
    var headings: [String]
  }

  /// The first heading.
  var title: String? { sections.lazy.compactMap(\.headings.last).first }

  private(set) var sections: [Section] = []
  private var path: [(level: Int, title: String)] = []
  private var start = 0

  init(_ bytes: TextBytes) {
    var fence: (mark: UInt8, count: Int)?
    var paragraph: Range<Int>?
    var offset = FrontMatter(bytes)?.end ?? 0
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
