internal import Files

extension HTTPResponse {
  /// Sends a body by POST and answers what came back, whatever its status: services explain their errors in the body.
  ///
  /// - Parameters:
  ///   - headers: lines as they are sent, `Content-Type: application/json`.
  ///   - limit: bytes beyond which an answer is refused.
  ///   - patience: seconds for which the service may send nothing.
  /// - Throws: `DataError.unavailable` for an answer beyond the limit and all that libcurl reports.
  package static func post(
    _ url: String, body: [UInt8], headers: [String], limit: Int, patience: Int
  ) throws -> HTTPResponse {
    let transfer = try CurlTransfer(url: url)
    transfer.setBody(body)
    transfer.setPatience(seconds: patience)
    // libcurl would wait a second for leave to send a large body.
    for line in headers + ["Expect:"] { transfer.addHeader(line) }
    var answer: [UInt8] = []
    let head = try transfer.perform(url: url) { _, bytes in
      guard answer.count + bytes.count <= limit else {
        throw DataError.unavailable(name: url, reason: "the answer is longer than \(limit) bytes")
      }
      answer += bytes
      return .more
    }
    return HTTPResponse(status: head.status, headers: head.headers, body: answer)
  }
}
