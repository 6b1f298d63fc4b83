/// Gathers a page's text as a browser lays it out: white space collapses, blocks begin on lines of their own, and a blank
/// line parts paragraphs, headings, lists and tables (after the HTML Standard's `innerText`, section 3.2.7).
struct VisibleText {
  private var bytes: [UInt8] = []
  /// Newlines owed before the next text.
  private var breaks = 0
  /// Whether a space is owed before the next text.
  private var owesSpace = false
  /// Open elements that keep white space.
  private var preformatted = 0
  /// Whether a newline that comes next belongs to the markup: one right behind `<pre>` does.
  private var dropsNewline = false

  var isEmpty: Bool { bytes.isEmpty }

  mutating func open(_ name: String) {
    begin(name)
    dropsNewline = Self.preformatted.contains(name)
    if dropsNewline { preformatted += 1 }
    switch name {
    case "br": lineBreak()
    case "td", "th": if breaks == 0, !bytes.isEmpty, bytes.last != 0x0A { tab() }
    default: break
    }
  }

  mutating func close(_ name: String) {
    if Self.preformatted.contains(name) { preformatted -= 1 }
    begin(name)
  }

  mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
    if preformatted > 0 {
      let kept = UnsafeBufferPointer(rebasing: text.dropFirst(dropsNewline && text.first == 0x0A ? 1 : 0))
      dropsNewline = false
      guard !kept.isEmpty else { return }
      settle()
      bytes += kept
      return
    }
    var start = 0
    while start < text.count {
      if Self.isSpace(text[start]) {
        owesSpace = true
        start += 1
        continue
      }
      var end = start + 1
      while end < text.count, !Self.isSpace(text[end]) { end += 1 }
      settle()
      bytes += UnsafeBufferPointer(rebasing: text[start..<end])
      start = end
    }
  }

  /// The text, without white space at its ends.
  func finished() -> String {
    let text = bytes[...].drop(while: Self.isSpace)
    guard let last = text.lastIndex(where: { !Self.isSpace($0) }) else { return "" }
    return String(decoding: text[...last], as: UTF8.self)
  }

  private mutating func begin(_ name: String) {
    let wanted = Self.paragraphs.contains(name) ? 2 : Self.blocks.contains(name) ? 1 : 0
    breaks = max(breaks, wanted)
  }

  private mutating func lineBreak() {
    settle()
    bytes.append(0x0A)
    owesSpace = false
  }

  private mutating func tab() {
    owesSpace = false
    bytes.append(0x09)
  }

  /// Writes what is owed.
  private mutating func settle() {
    if bytes.isEmpty {
      breaks = 0
    } else if breaks > 0 {
      while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
      var present = 0
      while present < breaks, bytes.count > present, bytes[bytes.count - 1 - present] == 0x0A { present += 1 }
      bytes += repeatElement(0x0A, count: breaks - present)
      breaks = 0
    } else if owesSpace, let last = bytes.last, !Self.isSpace(last) {
      bytes.append(0x20)
    }
    owesSpace = false
  }

  /// HTML's own white space; a no-break space is none.
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0C || byte == 0x0D
  }

  private static let preformatted: Set<String> = ["pre", "textarea", "listing", "plaintext", "xmp"]

  private static let paragraphs: Set<String> = [
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "pre", "blockquote", "figure", "hr", "article",
    "section", "main", "listing", "plaintext", "xmp",
  ]

  private static let blocks: Set<String> = [
    "address", "aside", "body", "button", "caption", "center", "dd", "details", "dialog", "dir", "div", "dt",
    "fieldset",
    "figcaption", "footer", "form", "header", "hgroup", "legend", "li", "menu", "nav", "option", "search", "select",
    "summary", "tbody", "textarea", "tfoot", "thead", "tr",
  ]
}
