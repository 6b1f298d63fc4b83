/// The encoding that a page declares in its first bytes.
enum HTMLCharset {
  /// How far browsers look (HTML Standard, section 13.2.3.2, "Prescan a byte stream to determine its encoding").
  private static let prescan = 1024

  /// From `<meta charset=…>`, `<meta http-equiv=… content="…; charset=…">` or an XML declaration's `encoding=`. Nil where none is
  /// there; UTF-16 counts as none, for what was read up to here is none.
  static func declared(in bytes: UnsafeRawBufferPointer) -> String? {
    let head = String(decoding: bytes.prefix(prescan), as: Unicode.ASCII.self).lowercased()
    let label: Substring?
    if head.hasPrefix("<?xml"), let end = head.firstRange(of: "?>"),
      let found = value(of: "encoding", in: head[..<end.lowerBound])
    {
      label = found
    } else {
      label = metaTags(in: head).lazy.compactMap { value(of: "charset", in: $0) }.first
    }
    return label.map(String.init).flatMap { $0.hasPrefix("utf-16") ? nil : $0 }
  }

  /// What an HTTP header says: "text/html; charset=utf-8".
  static func stated(by contentType: String) -> String? {
    value(of: "charset", in: contentType.lowercased()[...]).map(String.init)
  }

  private static func metaTags(in head: String) -> [Substring] {
    var tags: [Substring] = []
    var rest = head[...]
    while let start = rest.firstRange(of: "<meta") {
      let tag = rest[start.upperBound...]
      let end = tag.firstIndex(of: ">") ?? tag.endIndex
      tags.append(tag[..<end])
      rest = tag[end...]
    }
    return tags
  }

  /// The word behind `name`, blanks, `=` and perhaps a quote.
  private static func value(of name: String, in text: Substring) -> Substring? {
    var rest = text
    while let found = rest.firstRange(of: name) {
      rest = rest[found.upperBound...].drop { $0.isWhitespace }
      guard rest.first == "=" else { continue }
      let word = rest.dropFirst().drop { $0.isWhitespace || $0 == "\"" || $0 == "'" }
        .prefix { !$0.isWhitespace && !"\"';>/".contains($0) }
      return word.isEmpty ? nil : word
    }
    return nil
  }
}
