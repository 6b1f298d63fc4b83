/// How many cells of a terminal a text takes.
enum DisplayWidth {
  static func of(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + of($1) } }

  /// 2 for East Asian wide and fullwidth characters and for emoji, 0 for what only combines, else 1.
  static func of(_ character: Character) -> Int {
    var width = 0
    for scalar in character.unicodeScalars {
      // U+FE0F asks for the emoji form, which is wide.
      if scalar.value == 0xFE0F { return 2 }
      width = max(width, of(scalar))
    }
    return width
  }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator: return 0
    default: break
    }
    return scalar.properties.isEmojiPresentation || isWide(scalar.value) ? 2 : 1
  }

  /// East_Asian_Width W or F (Unicode 15, UAX #11), by block.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
      return true
    default: return false
    }
  }

  static func padded(_ text: String, to width: Int, _ alignment: Table.Column.Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - of(text)))
    return alignment == .left ? text + space : space + text
  }

  /// At most `width` cells, with an ellipsis where something was cut off.
  static func truncated(_ text: String, to width: Int) -> String {
    of(text) > width ? head(of: text[...], fitting: width - 1) + "…" : text
  }

  /// Lines of at most `width` cells, broken at spaces, and inside a word only where the word alone is longer.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, of(line) + 1 + of(word) > width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
      while of(line) > width {
        let first = head(of: line[...], fitting: max(width, 2))
        lines.append(String(first))
        line.removeFirst(first.count)
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }

  private static func head(of text: Substring, fitting width: Int) -> Substring {
    var taken = 0
    var end = text.startIndex
    while end < text.endIndex {
      taken += of(text[end])
      if taken > width { break }
      end = text.index(after: end)
    }
    return text[..<end]
  }
}
