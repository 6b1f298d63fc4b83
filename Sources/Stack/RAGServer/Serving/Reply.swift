internal import MicroHTTP

/// Answers one request as a whole, and counts the answer.
struct Reply: Sendable {
  /// What counts call the route; nil: nobody serves the path. Paths and methods that nobody serves are counted together, or a
  /// stranger could make as many series as he likes.
  let handler: String?
  let method: String?
  let responder: Responder
  let metrics: ServerMetrics

  func send(_ body: [UInt8]) { send(headers: ServerCore.jsonHeaders, body) }

  func send(status: Int = 200, headers: [(name: String, value: String)], _ body: [UInt8]) {
    count(status)
    responder.respond(status: status, headers: headers, body: body)
  }

  func refuse(_ error: APIError, headers: [(name: String, value: String)] = []) {
    count(error.status)
    var response = error.response
    response.headers += headers
    responder.respond(response)
  }

  /// Sends what a body gives, or says why it gives nothing.
  func answering(_ body: () throws(APIError) -> [UInt8]) {
    do throws(APIError) { try send(body()) } catch { refuse(error) }
  }

  func count(_ status: Int) {
    metrics.answered(handler: handler ?? "none", method: method ?? "other", status: status)
  }

  /// The same in Llama Stack's form.
  func refuseDetail(_ error: APIError) {
    count(error.status)
    responder.respond(error.detailResponse)
  }
}

extension APIError {
  var response: ServedResponse {
    var headers = ServerCore.jsonHeaders
    if let retryAfter { headers.append(("Retry-After", String(retryAfter))) }
    return ServedResponse(status: status, headers: headers, body: body)
  }
}
