/// One body as a file server answers with it, well or badly.
package struct ServedFile: Sendable {
  package var body: [UInt8]
  package var etag: String?
  package var status: Int
  package var knowsRanges: Bool
  package var breaksAfter: Int?

  package init(
    body: [UInt8], etag: String? = "\"1\"", status: Int = 200, knowsRanges: Bool = true, breaksAfter: Int? = nil
  ) {
    self.body = body
    self.etag = etag
    self.status = status
    self.knowsRanges = knowsRanges
    self.breaksAfter = breaksAfter
  }

  package func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Response {
    var response = LoopbackServer.Response(
      status: status, headers: etag.map { ["ETag: \($0)"] } ?? [], body: body, breaksAfter: breaksAfter)
    let isSame = request.field("if-range").map { $0 == etag } ?? true
    guard status == 200, knowsRanges, isSame, let range = request.field("range") else { return response }
    let bounds = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
    guard bounds[0] < body.count else {
      (response.status, response.body) = (416, [])
      return response
    }
    let last = min(bounds.count > 1 ? bounds[1] : .max, body.count - 1)
    response.headers.append("Content-Range: bytes \(bounds[0])-\(last)/\(body.count)")
    (response.status, response.body) = (206, Array(body[bounds[0]...last]))
    return response
  }
}

extension LoopbackServer {
  package convenience init(_ file: ServedFile) throws { try self.init { file.answer($0) } }

  package func become(_ file: ServedFile) { become { file.answer($0) } }
}
