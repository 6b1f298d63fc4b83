package import Generation

extension APIError {
  /// A value that no request can have.
  static func badRequest(_ message: String, _ parameter: String? = nil) -> APIError {
    APIError(status: 400, message: message, type: "BadRequestError", parameter: parameter)
  }

  /// A body that is not what the endpoint reads; vLLM names another type for these than for values out of bounds, and the
  /// place in the body.
  static func malformed(_ message: String, _ place: String? = nil) -> APIError {
    APIError(status: 400, message: message, type: "Bad Request", parameter: place)
  }

  /// A field with which other servers do more than this one: ignoring it would give an answer to another question.
  static func unsupported(_ field: String) -> APIError {
    badRequest("`\(field)` is not supported by this server; leave it out.", field)
  }

  /// What an engine says to a request before it starts.
  package static func refused(_ error: GenerationError) -> APIError { badRequest(error.description) }

  /// A body of another type than JSON, for endpoints that read one.
  ///
  /// - Parameter contentType: the header, if there was one.
  package static func checkContentType(_ contentType: String?) throws(APIError) {
    let type = contentType?.prefix { $0 != ";" }.trimmingSpaces.lowercased()
    guard type == "application/json" else {
      throw malformed("Unsupported Media Type: Only 'application/json' is allowed")
    }
  }

  package static func unknownPath(_ path: String) -> APIError {
    APIError(status: 404, message: "There is nothing at \(path).", type: "NotFoundError")
  }

  /// - Parameter allowed: for the sentence; the header `Allow` is the server's.
  package static func wrongMethod(_ method: String, path: String, allowed: String) -> APIError {
    APIError(status: 405, message: "\(path) answers \(allowed), not \(method).", type: "MethodNotAllowedError")
  }

  package static let unauthorized = APIError(
    status: 401, message: "The API key is missing or wrong; send it as `Authorization: Bearer KEY`.",
    type: "AuthenticationError")

  package static func bodyTooLarge(limit: Int) -> APIError {
    APIError(
      status: 413, message: "The body is longer than \(limit) bytes, which is the most that this server reads.",
      type: "RequestTooLargeError")
  }

  package static func tooManyRequests(_ message: String, retryAfter: Int) -> APIError {
    APIError(status: 429, message: message, type: "RateLimitError", retryAfter: retryAfter)
  }

  package static func unavailable(_ message: String, retryAfter: Int) -> APIError {
    APIError(status: 503, message: message, type: "ServiceUnavailableError", retryAfter: retryAfter)
  }

  package static func internalError(_ message: String) -> APIError {
    APIError(status: 500, message: message, type: "InternalServerError")
  }

  /// A model of another name.
  static func unknownModel(_ name: String, served: String) -> APIError {
    APIError(
      status: 404, message: "The model `\(name)` does not exist. Valid aliases: \(served).", type: "NotFoundError",
      parameter: "model")
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
