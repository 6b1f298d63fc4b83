internal import MicroHTTP

/// Answers one request as a whole, and counts the answer.
struct Reply: Sendable {
  let route: Route?
  let method: String
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

  /// Paths and methods that nobody serves are counted together, or a stranger could make as many series as he likes.
  private func count(_ status: Int) {
    let isKnown = route?.answers(method) ?? false
    metrics.answered(handler: route?.rawValue ?? "none", method: isKnown ? method : "other", status: status)
  }
}

extension APIError {
  var response: ServedResponse {
    var headers = ServerCore.jsonHeaders
    if let retryAfter { headers.append(("Retry-After", String(retryAfter))) }
    return ServedResponse(status: status, headers: headers, body: body)
  }
}
