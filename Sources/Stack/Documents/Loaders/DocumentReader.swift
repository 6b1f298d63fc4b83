internal import Files

/// Reads one document out of bytes.
struct DocumentReader {
  var options: LoadingOptions

  /// What reading came to.
  struct Result {
    var document: Document
    /// What the text of the document itself got wrong, a sentence each.
    var warnings: [String] = []
  }

  /// - Parameter charset: the encoding that the transport states, if it does; a byte order mark goes before it.
  /// - Throws: `DataError.invalid` for an encoding that nobody knows.
  func read(
    _ bytes: UnsafeRawBufferPointer, format: DocumentFormat, id: String, source: String, charset: String? = nil
  ) throws -> Result {
    switch format {
    case .text:
      let text = try DecodedText(bytes, charset: charset)
      return Result(document: document(text, format, id, source))
    case .markdown:
      let text = try DecodedText(bytes, charset: charset)
      return markdown(document(text, format, id, source))
    case .rst:
      let text = try DecodedText(bytes, charset: charset)
      var document = document(text, format, id, source)
      document.title = ReStructuredText.title(of: text.text)
      return Result(document: document)
    case .html:
      return try html(bytes, id: id, source: source, charset: charset)
    }
  }

  private func document(_ text: DecodedText, _ format: DocumentFormat, _ id: String, _ source: String) -> Document {
    Document(id: id, text: text.text, source: source, mimeType: format.mimeType, repairs: text.repairs)
  }

  /// The text stays the file's own, front matter included, so that offsets are those of the file.
  private func markdown(_ plain: Document) -> Result {
    var result = Result(document: plain)
    do {
      result.document.metadata = try FrontMatter.metadata(of: plain.text, file: plain.source)
    } catch {
      result.warnings.append("the front matter is no YAML and gives no metadata: \(error)")
    }
    result.document.title = plain.text.withTextBytes { MarkdownOutline($0).title } ?? result.document.metadata["title"]
    return result
  }

  private func html(_ bytes: UnsafeRawBufferPointer, id: String, source: String, charset: String?) throws -> Result {
    let markup = try DecodedText(bytes, charset: charset ?? HTMLCharset.declared(in: bytes))
    let page = HTMLPage(markup.text, url: source, keepsNavigation: options.keepsNavigation)
    return Result(
      document: Document(
        id: id, title: page.title, text: page.text, source: source, mimeType: DocumentFormat.html.mimeType,
        metadata: page.metadata, repairs: markup.repairs))
  }
}
