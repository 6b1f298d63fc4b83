internal import YAML

/// The YAML between `---` lines that a Markdown file may begin with.
struct FrontMatter {
  /// Between the two lines.
  let content: Range<Int>
  /// The offset behind the closing line.
  let end: Int

  /// Nil where the first line is not `---`, or no later one is `---` or `...`.
  init?(_ bytes: TextBytes) {
    let first = bytes.lineEnd(from: 0)
    guard Self.isMark(bytes, 0..<first, of: UInt8(ascii: "-")) else { return nil }
    var start = first + 1
    while start < bytes.count {
      let end = bytes.lineEnd(from: start)
      let line = start..<end
      if Self.isMark(bytes, line, of: UInt8(ascii: "-")) || Self.isMark(bytes, line, of: UInt8(ascii: ".")) {
        content = first + 1..<start
        self.end = min(end + 1, bytes.count)
        return
      }
      start = end + 1
    }
    return nil
  }

  /// Three of the byte at the beginning, then white space alone.
  private static func isMark(_ bytes: TextBytes, _ line: Range<Int>, of byte: UInt8) -> Bool {
    guard line.count >= 3, (0..<3).allSatisfy({ bytes[line.lowerBound + $0] == byte }) else { return false }
    return bytes.strippingWhiteSpace(line.lowerBound + 3..<line.upperBound).isEmpty
  }

  /// The scalars of a text's front matter by key, lists of scalars joined by ", "; what is nested deeper is left out. Empty
  /// where there is none.
  ///
  /// - Throws: `YAMLError` where the block is no YAML.
  static func metadata(of text: String, file: String) throws -> [String: String] {
    guard let block = text.withTextBytes({ bytes in FrontMatter(bytes).map { bytes.chunk($0.content).text } }) else {
      return [:]
    }
    var metadata: [String: String] = [:]
    for entry in try YAMLNode.parse(block, file: file).mapping ?? [] {
      if let value = entry.value.string {
        metadata[entry.key] = value
      } else if let values = entry.value.sequence?.compactMap(\.string), !values.isEmpty {
        metadata[entry.key] = values.joined(separator: ", ")
      }
    }
    return metadata
  }
}
