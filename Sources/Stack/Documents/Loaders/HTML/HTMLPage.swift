internal import HTML

/// Title and visible text of an HTML page.
struct HTMLPage {
  private(set) var title: String?
  private(set) var text: String
  /// `description`, `author`, `keywords` and the language, where the page states them.
  private(set) var metadata: [String: String] = [:]

  /// - Parameter keepsNavigation: whether `nav`, `aside`, and the `header` and `footer` of the page count as text.
  /// - Complexity: O(markup).
  init(_ markup: String, url: String, keepsNavigation: Bool) {
    var markup = markup
    // NUL ends a text in C; browsers read it as U+FFFD (HTML Standard, section 13.2.5.1).
    if markup.utf8.contains(0) { markup = markup.replacing("\0", with: "\u{FFFD}") }
    let page = markup.withUTF8 { HTMLDocument(utf8: UnsafeRawBufferPointer($0), url: url) }
    var reader = Reader(keepsNavigation: keepsNavigation)
    page?.walk { reader.visit($0) }
    text = reader.visible.finished()
    let heading = reader.title.finished()
    title = heading.isEmpty ? reader.heading.map { $0.finished() }.flatMap { $0.isEmpty ? nil : $0 } : heading
    metadata = reader.metadata
  }

  private struct Reader {
    let keepsNavigation: Bool
    var visible = VisibleText()
    var title = VisibleText()
    /// The first `h1`, for pages without a title.
    var heading: VisibleText?
    var metadata: [String: String] = [:]

    private var isInTitle = false
    private var isInHeading = false
    /// Open elements whose header and footer are those of a part, not of the page.
    private var parts = 0

    init(keepsNavigation: Bool) { self.keepsNavigation = keepsNavigation }

    mutating func visit(_ event: HTMLDocument.Event) -> HTMLDocument.Descent {
      switch event {
      case .open(let element): return open(element)
      case .close(let name): close(name)
      case .text(let bytes):
        if isInTitle {
          title.append(bytes)
        } else {
          visible.append(bytes)
          if isInHeading { heading?.append(bytes) }
        }
      }
      return .enter
    }

    private mutating func open(_ element: HTMLDocument.Element) -> HTMLDocument.Descent {
      let name = element.name
      switch name {
      case "html":
        metadata["language"] = element.attribute("lang")
        return .enter
      case "head": return .enter
      case "title":
        // A title inside a picture (SVG) is not the page's.
        isInTitle = title.isEmpty
        return isInTitle ? .enter : .skip
      case "meta":
        if let key = element.attribute("name")?.lowercased(), ["description", "author", "keywords"].contains(key) {
          metadata[key] = element.attribute("content")
        }
        return .skip
      default: break
      }
      if Self.unseen.contains(name) || element.attribute("hidden") != nil || isNavigation(name) { return .skip }
      if Self.sectioning.contains(name) { parts += 1 }
      if name == "h1", heading == nil {
        heading = VisibleText()
        isInHeading = true
      }
      visible.open(name)
      return .enter
    }

    private mutating func close(_ name: String) {
      switch name {
      case "title": isInTitle = false
      case "html", "head": break
      default:
        if Self.sectioning.contains(name) { parts -= 1 }
        if name == "h1" { isInHeading = false }
        visible.close(name)
      }
    }

    private func isNavigation(_ name: String) -> Bool {
      if keepsNavigation { return false }
      switch name {
      case "nav", "aside": return true
      // Within a part they hold its heading and its notes (HTML Accessibility API Mappings, header and footer).
      case "header", "footer": return parts == 0
      default: return false
      }
    }

    private static let unseen: Set<String> = [
      "script", "style", "template", "noscript", "link", "base", "iframe", "object", "embed", "svg", "canvas", "audio",
      "video", "map", "datalist",
    ]

    private static let sectioning: Set<String> = ["article", "main", "section"]
  }
}
