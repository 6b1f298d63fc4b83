internal import Files

/// A whole answer in memory.
package struct HTTPResponse {
  /// 2xx, unless the caller takes any.
  package let status: Int
  /// Names in lower case.
  package let headers: [String: String]
  package let body: [UInt8]

  package init(status: Int, headers: [String: String], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Fetches a URL, following redirections.
  ///
  /// - Parameter limit: bytes beyond which an answer is refused, for a source may never end.
  /// - Throws: `DataError.unavailable` for a status other than 2xx, an answer beyond the limit, and all that libcurl reports.
  package static func get(_ url: String, limit: Int) throws -> HTTPResponse {
    try get(url, limit: limit, by: CurlTransfer(url: url))
  }

  /// The same for a URL that came from somebody else: only HTTP and HTTPS, and within limits.
  package static func get(
    _ url: String, limits: FetchLimits, allows: @escaping ([UInt8]) -> Bool = PublicAddress.isPublic
  ) throws -> HTTPResponse {
    let transfer = try CurlTransfer(url: url)
    transfer.limit(limits, allows: allows)
    return try get(url, limit: limits.bytes, by: transfer)
  }

  private static func get(_ url: String, limit: Int, by transfer: CurlTransfer) throws -> HTTPResponse {
    var body: [UInt8] = []
    let head = try transfer.perform(url: url) { head, bytes in
      // The page that comes with an error is not read, let alone taken for the answer.
      guard 200..<300 ~= head.status else { throw refused(url, head) }
      guard body.count + bytes.count <= limit else {
        throw DataError.unavailable(name: url, reason: "the answer is longer than \(limit) bytes")
      }
      body += bytes
      return .more
    }
    guard 200..<300 ~= head.status else { throw refused(url, head) }
    return HTTPResponse(status: head.status, headers: head.headers, body: body)
  }

  private static func refused(_ url: String, _ head: HTTPHead) -> DataError {
    .unavailable(name: url, reason: "HTTP status \(head.status)")
  }
}
