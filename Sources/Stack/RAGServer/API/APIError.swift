/// Why a call is refused, as OpenAI's API says it.
package struct APIError: Error, Equatable, Sendable {
  /// Of HTTP.
  package var status: Int
  package var message: String
  /// vLLM's: "BadRequestError", "NotFoundError", ….
  package var type: String
  /// The field at fault.
  package var parameter: String?
  /// Seconds after which a caller may try again; with 429 and 503.
  package var retryAfter: Int?

  package init(status: Int, message: String, type: String, parameter: String? = nil, retryAfter: Int? = nil) {
    self.status = status
    self.message = message
    self.type = type
    self.parameter = parameter
    self.retryAfter = retryAfter
  }
}
