internal import CXML2

/// Owns a parsed HTML page.
package final class HTMLDocument {
  private let document: htmlDocPtr

  /// Parses as browsers do, mending what is broken. What the page declares as its encoding is not heeded: `utf8` is UTF-8.
  ///
  /// Returns `nil` for bytes that hold no markup at all and for more than 2 GiB.
  package init?(utf8 bytes: UnsafeRawBufferPointer, url: String) {
    guard let length = Int32(exactly: bytes.count), let start = bytes.baseAddress,
      let context = htmlNewParserCtxt()
    else { return nil }
    defer { htmlFreeParserCtxt(context) }
    // Otherwise libxml2 drops what nests deeper than 256 elements and texts beyond 10 MB; its HTML options cannot say so.
    context.pointee.options |= Int32(bitPattern: XML_PARSE_HUGE.rawValue)
    let options =
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
      | HTML_PARSE_NONET.rawValue | HTML_PARSE_COMPACT.rawValue
    guard
      let parsed = htmlCtxtReadMemory(
        context, start.assumingMemoryBound(to: CChar.self), length, url, "UTF-8", Int32(options))
    else { return nil }
    document = parsed
  }

  deinit { xmlFreeDoc(document) }

  /// An element as `walk` meets it; valid during the call alone.
  package struct Element {
    /// In lower case.
    package let name: String
    fileprivate let node: xmlNodePtr

    /// The value of an attribute, entities resolved; `nil` where the element has none of that name.
    package func attribute(_ name: String) -> String? {
      guard let value = xmlGetProp(node, name) else { return nil }
      defer { ragmeter_xml_free(value) }
      return String(cString: value)
    }
  }

  package enum Event {
    case open(Element)
    /// UTF-8, valid during the call alone.
    case text(UnsafeBufferPointer<UInt8>)
    case close(name: String)
  }

  package enum Descent { case enter, skip }

  /// Calls `visit` for every element and text in the order of the page. What `visit` says counts for `.open` alone: a skipped
  /// element is neither entered nor closed.
  ///
  /// - Complexity: O(nodes), without recursion however deep the page nests.
  package func walk(_ visit: (Event) -> Descent) {
    let root = UnsafeMutableRawPointer(document).assumingMemoryBound(to: xmlNode.self)
    var next = root.pointee.children
    while let node = next {
      var isEntered = false
      switch node.pointee.type {
      case XML_ELEMENT_NODE:
        isEntered = visit(.open(Element(name: Self.name(of: node), node: node))) == .enter
      case XML_TEXT_NODE, XML_CDATA_SECTION_NODE:
        guard let content = node.pointee.content else { break }
        _ = visit(.text(UnsafeBufferPointer(start: content, count: Int(xmlStrlen(content)))))
      default: break
      }
      if isEntered, let child = node.pointee.children {
        next = child
        continue
      }
      if isEntered { _ = visit(.close(name: Self.name(of: node))) }
      next = Self.successor(of: node, under: root, leaving: visit)
    }
  }

  /// The node behind a subtree; closes the elements that end with it.
  private static func successor(
    of node: xmlNodePtr, under root: xmlNodePtr, leaving visit: (Event) -> Descent
  ) -> xmlNodePtr? {
    var node = node
    while node.pointee.next == nil {
      guard let parent = node.pointee.parent, parent != root else { return nil }
      _ = visit(.close(name: name(of: parent)))
      node = parent
    }
    return node.pointee.next
  }

  private static func name(of node: xmlNodePtr) -> String {
    node.pointee.name.map { String(cString: $0).lowercased() } ?? ""
  }
}
