internal import Files
public import HTTP

extension CorpusLoader {
  /// One page over HTTP, redirections followed; its id is the URL.
  ///
  /// - Throws: `DataError.unavailable` for a status other than 2xx, whatever came with it, a type that is no text, and a page
  ///   larger than 256 MiB.
  static func page(_ url: String, name: String, options: LoadingOptions) throws -> Corpus {
    let response = try HTTPResponse.get(url, limit: 256 << 20)
    var builder = CorpusBuilder(source: url)
    let result = try document(response, url, id: url, options: options)
    try builder.add(result.document, at: url)
    for warning in result.warnings { builder.warn("\(url): \(warning)") }
    return builder.corpus(name: name)
  }

  /// One page for somebody who named its URL in a request; redirections are followed.
  ///
  /// - Parameters:
  ///   - mimeType: what the caller says of the page, which counts where the server says no more than "text/plain".
  ///   - limits: of size, time and address; only HTTP and HTTPS are spoken.
  /// - Throws: `DataError.unavailable`, which names the URL, for a page beyond the limits, a status other than 2xx, whatever came
  ///   with it, and a type that is no text.
  public static func document(
    at url: String, id: String, mimeType: String? = nil, limits: FetchLimits
  ) throws -> Document {
    let response = try HTTPResponse.get(url, limits: limits)
    return try document(response, url, id: id, mimeType: mimeType, options: LoadingOptions()).document
  }

  /// A text that is here already; HTML becomes the text that readers of the page see.
  ///
  /// - Throws: `DataError.unavailable` for a type that is no text, and bytes that are none.
  public static func document(
    of content: [UInt8], id: String, source: String, mimeType: String? = nil
  ) throws -> Document {
    let media = MediaType(mimeType ?? "")
    return try content.withUnsafeBytes { bytes in
      guard let format = media.format(path: source), !BinaryContent.isBinary(bytes) else {
        throw DataError.unavailable(name: source, reason: unreadable(media))
      }
      return try DocumentReader(options: LoadingOptions())
        .read(bytes, format: format, id: id, source: source, charset: media.charset).document
    }
  }

  private static func document(
    _ response: HTTPResponse, _ url: String, id: String, mimeType: String? = nil, options: LoadingOptions
  ) throws -> DocumentReader.Result {
    let media = MediaType(response.headers["content-type"] ?? "")
    let path = String(url.prefix { $0 != "?" && $0 != "#" })
    return try response.body.withUnsafeBytes { bytes in
      guard var format = media.format(path: path), !BinaryContent.isBinary(bytes) else {
        throw DataError.unavailable(name: url, reason: "the answer is \(unreadable(media))")
      }
      if format == .text, let said = mimeType.flatMap({ MediaType($0).format(path: path) }) { format = said }
      return try DocumentReader(options: options)
        .read(bytes, format: format, id: id, source: url, charset: media.charset)
    }
  }

  private static func unreadable(_ media: MediaType) -> String {
    let what = media.essence.isEmpty ? "of no stated type and binary" : media.essence
    return "\(what), not text, Markdown, reStructuredText or HTML"
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
