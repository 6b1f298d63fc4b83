internal import CXML2

/// Owns a parsed HTML page.
package final class HTMLDocument {
  private let document: htmlDocPtr

  /// Parses as browsers do, mending what is broken; the encoding is what the page declares, else UTF-8.
  ///
  /// Returns `nil` for bytes that hold no markup at all and for more than 2 GiB.
  package init?(_ bytes: UnsafeRawBufferPointer, url: String) {
    guard let length = Int32(exactly: bytes.count), let start = bytes.baseAddress else { return nil }
    let options =
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
      | HTML_PARSE_NONET.rawValue | HTML_PARSE_COMPACT.rawValue
    guard
      let parsed = htmlReadMemory(
        start.assumingMemoryBound(to: CChar.self), length, url, "UTF-8", Int32(options))
    else { return nil }
    document = parsed
  }

  deinit { xmlFreeDoc(document) }
}
