internal import Foundation
package import JSON

/// What a server answered, with the sentences about what is wrong with it.
package struct RemoteAnswer: Sendable {
  let server: RemoteServer
  /// Method and path, for errors.
  package let request: String
  package let status: Int
  package let body: [UInt8]

  package var isSuccess: Bool { (200..<300).contains(status) }

  /// An error whose sentence begins with the server and the request.
  package func failure(_ reason: String) -> VectorStoreError {
    .remote(name: server.options.name, reason: server.redacted("\(request) of \(server.address) \(reason)"))
  }

  /// The body as one JSON value, whatever the status.
  ///
  /// - Throws: `VectorStoreError.remote` for HTML, for JSON that is cut off, and for anything else that is no JSON.
  /// - Complexity: O(bytes).
  package func json() throws(VectorStoreError) -> JSONValue {
    let result = body.withUnsafeBytes { bytes in Result { () throws(JSONError) in try JSONValue.parse(bytes) } }
    do {
      return try result.get()
    } catch {
      throw notJSON(offset: error.offset, reason: error.description)
    }
  }

  /// The body as the fields of a row are read, which is faster for answers that are mostly numbers and texts.
  ///
  /// - Throws: what `json()` throws, of the same sentences.
  package func value() throws(VectorStoreError) -> FieldValue {
    let result = body.withUnsafeBytes { bytes in Result { () throws(JSONMistake) in try FieldValue(json: bytes) } }
    do {
      return try result.get()
    } catch {
      throw notJSON(offset: error.byte, reason: error.description)
    }
  }

  /// What to say of a body that stopped being JSON at a byte.
  func notJSON(offset: Int, reason: String) -> VectorStoreError {
    let page = body.drop { $0 <= 0x20 }
    if page.isEmpty { return failure("answered with nothing (HTTP status \(status))") }
    if page.first == UInt8(ascii: "<") {
      return failure(
        "answered with a page of HTML (HTTP status \(status)\(title(page))), not with JSON; another server is at this address"
      )
    }
    guard offset < body.count else {
      return failure("answered with JSON that ends after \(body.count) bytes, in the middle of a value; ask again")
    }
    return failure("answered with what is no JSON (HTTP status \(status), \(reason)): \(excerpt)")
  }

  /// The beginning of the body on one line, for sentences about it.
  package var excerpt: String {
    let text = String(decoding: body.prefix(400), as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    return text.count > 200 ? "'\(text.prefix(200))…'" : "'\(text)'"
  }

  private func title(_ page: ArraySlice<UInt8>) -> String {
    let text = String(decoding: page.prefix(4096), as: UTF8.self)
    guard let start = text.range(of: "<title>"), let end = text.range(of: "</title>"),
      start.upperBound <= end.lowerBound
    else { return "" }
    return ", titled '\(text[start.upperBound..<end.lowerBound].prefix(80))'"
  }
}
