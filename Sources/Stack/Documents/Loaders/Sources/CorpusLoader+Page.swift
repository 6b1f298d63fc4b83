internal import Files
internal import HTTP

extension CorpusLoader {
  /// One page over HTTP, redirections followed; its id is the URL.
  ///
  /// - Throws: `DataError.unavailable` for a status other than 2xx, whatever came with it, a type that is no text, and a page
  ///   larger than 256 MiB.
  static func page(_ url: String, name: String, options: LoadingOptions) throws -> Corpus {
    let response = try HTTPResponse.get(url, limit: 256 << 20)
    let media = MediaType(response.headers["content-type"] ?? "")
    let path = String(url.prefix { $0 != "?" && $0 != "#" })
    var builder = CorpusBuilder(source: url)
    try response.body.withUnsafeBytes { bytes in
      guard let format = media.format(path: path), !BinaryContent.isBinary(bytes) else {
        let what = media.essence.isEmpty ? "of no stated type and binary" : media.essence
        throw DataError.unavailable(
          name: url, reason: "the answer is \(what), not text, Markdown, reStructuredText or HTML")
      }
      let result = try DocumentReader(options: options)
        .read(bytes, format: format, id: url, source: url, charset: media.charset)
      try builder.add(result.document, at: url)
      for warning in result.warnings { builder.warn("\(url): \(warning)") }
    }
    return builder.corpus(name: name)
  }
}

/// What a `Content-Type` says.
private struct MediaType {
  /// "text/html", in lower case.
  let essence: String
  let charset: String?

  init(_ header: String) {
    essence = header.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
    charset = HTMLCharset.stated(by: header)
  }

  /// Servers send Markdown and reStructuredText as plain text, so that there the ending has its say. Nil for what is no text.
  func format(path: String) -> DocumentFormat? {
    switch essence {
    case "text/html", "application/xhtml+xml": return .html
    case "text/markdown", "text/x-markdown": return .markdown
    case "text/x-rst", "text/prs.fallenstein.rst": return .rst
    case "", "application/octet-stream": return DocumentFormat(path: path)
    case _ where essence.hasPrefix("text/"): return DocumentFormat(path: path)
    case "application/json", "application/xml", "application/x-yaml", "application/yaml": return .text
    default: return nil
    }
  }
}
