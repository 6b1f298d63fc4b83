/// What is told of a reStructuredText file beside its text, which stays as it is: directives, roles and comments hold words
/// that readers search for.
enum ReStructuredText {
  /// The first section title: a line of text between two lines of one punctuation mark, or over one that is as long as the
  /// title, or at least four marks (docutils, "reStructuredText Markup Specification", section titles).
  static func title(of text: String) -> String? {
    text.withTextBytes { bytes in
      var overline: UInt8?
      var candidate: Range<Int>?
      var start = 0
      while start < bytes.count {
        let end = bytes.lineEnd(from: start)
        let line = bytes.strippingWhiteSpace(start..<end)
        let isIndented = line.lowerBound > start
        if let mark = adornment(bytes, line), !isIndented {
          if let title = candidate, overline == mark || (overline == nil && isLong(line, bytes.scalarCount(title))) {
            return bytes.chunk(title).text
          }
          overline = candidate == nil ? mark : nil
          candidate = nil
        } else {
          // Text under text is a paragraph; only an overlined title may be indented.
          let mayBeTitle =
            !line.isEmpty && candidate == nil && (overline != nil || !isIndented && !isExplicit(bytes, line))
          candidate = mayBeTitle ? line : nil
          if candidate == nil { overline = nil }
        }
        start = end + 1
      }
      return nil
    }
  }

  /// The punctuation mark that a whole line repeats.
  private static func adornment(_ bytes: TextBytes, _ line: Range<Int>) -> UInt8? {
    guard let first = line.first.map({ bytes[$0] }), line.allSatisfy({ bytes[$0] == first }) else { return nil }
    switch first {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return first
    default: return nil
    }
  }

  private static func isLong(_ underline: Range<Int>, _ titleLength: Int) -> Bool {
    underline.count >= min(titleLength, 4)
  }

  /// Directives, targets and comments, all of which begin with "..".
  private static func isExplicit(_ bytes: TextBytes, _ line: Range<Int>) -> Bool {
    line.count >= 2 && bytes[line.lowerBound] == UInt8(ascii: ".") && bytes[line.lowerBound + 1] == UInt8(ascii: ".")
  }
}
