internal import Documents
internal import Files
internal import Foundation
internal import HTTP
internal import JSON

/// A document of an insert: its text, or where it is.
struct StackDocument: Sendable {
  enum Content: Sendable {
    case text(String)
    /// `http:`, `https:` or `data:`.
    case url(String)
  }

  let id: String
  let content: Content
  let mimeType: String?
  let metadata: [String: String]

  /// - Parameter place: of the document in the body, for errors.
  init(_ value: JSONValue, at place: String) throws(APIError) {
    guard value.object != nil else { throw .malformed("a document should be an object, not \(value.kind)", place) }
    guard let id = value["document_id"]?.string, !id.isEmpty else {
      throw .malformed("\(place).document_id should be a text that is not empty", "\(place).document_id")
    }
    self.id = id
    content = try Self.content(value["content"], at: "\(place).content")
    let type = value["mime_type"]
    guard type?.isNull != false || type?.string != nil else {
      throw .malformed("\(place).mime_type should be a text", "\(place).mime_type")
    }
    mimeType = type?.string
    let metadata = value["metadata"]
    guard metadata?.isNull != false || metadata?.object != nil else {
      throw .malformed("\(place).metadata should be an object", "\(place).metadata")
    }
    self.metadata = Dictionary(
      (metadata?.object ?? []).map { ($0.name, $0.value.string ?? String(decoding: $0.value.json, as: UTF8.self)) }
    ) { $1 }
  }

  private static func content(_ value: JSONValue?, at place: String) throws(APIError) -> Content {
    if let text = value?.string {
      let scheme = text.prefix { $0 != ":" }.lowercased()
      if scheme == "data" && text.hasPrefix("data:") { return .url(text) }
      guard text.dropFirst(scheme.count).hasPrefix("://"), !text.contains(where: \.isNewline) else {
        return .text(text)
      }
      // Other words before "://" are words of a text.
      if ["http", "https"].contains(scheme) { return .url(text) }
      if ["file", "ftp", "gopher", "ldap", "smb", "dict", "s3"].contains(scheme) { throw wrongScheme(text, place) }
      return .text(text)
    }
    if let uri = value?["uri"]?.string {
      let scheme = uri.prefix { $0 != ":" }.lowercased()
      guard ["http", "https", "data"].contains(scheme) else { throw wrongScheme(uri, place) }
      return .url(uri)
    }
    return .text(try InterleavedContent.text(value, at: place))
  }

  private static func wrongScheme(_ url: String, _ place: String) -> APIError {
    .badRequest("\(url.prefix(200)): a document's URL begins with http://, https:// or data:.", place)
  }

  /// Reads the document, which may take as long as the limits allow.
  ///
  /// - Throws: `DataError.unavailable` with the URL at fault.
  func read(_ limits: FetchLimits) throws -> Document {
    var document: Document
    switch content {
    case .text(let text):
      document = try CorpusLoader.document(of: Array(text.utf8), id: id, source: id, mimeType: mimeType)
    case .url(let url) where url.hasPrefix("data:"):
      let (bytes, type) = try Self.data(url)
      document = try CorpusLoader.document(of: bytes, id: id, source: id, mimeType: type ?? mimeType)
    case .url(let url):
      document = try CorpusLoader.document(at: url, id: id, mimeType: mimeType, limits: limits)
    }
    document.metadata.merge(metadata) { $1 }
    return document
  }

  /// `data:TYPE;base64,…` or percent-encoded (RFC 2397).
  private static func data(_ url: String) throws -> (bytes: [UInt8], type: String?) {
    let shown = "\(url.prefix(40))…"
    guard let comma = url.firstIndex(of: ",") else {
      throw DataError.unavailable(name: shown, reason: "a data URL has a comma before its data")
    }
    var head = url[url.index(url.startIndex, offsetBy: 5)..<comma]
    let body = String(url[url.index(after: comma)...])
    let isBase64 = head.hasSuffix(";base64")
    if isBase64 { head = head.dropLast(7) }
    let type = head.isEmpty ? nil : String(head)
    if isBase64 {
      guard let data = Data(base64Encoded: body, options: .ignoreUnknownCharacters) else {
        throw DataError.unavailable(name: shown, reason: "the data is no base64")
      }
      return (Array(data), type)
    }
    guard let text = body.removingPercentEncoding else {
      throw DataError.unavailable(name: shown, reason: "the data is not percent-encoded UTF-8")
    }
    return (Array(text.utf8), type)
  }
}
