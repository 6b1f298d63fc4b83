internal import JSON

/// Why a call is refused, as OpenAI's API says it.
package struct APIError: Error, Equatable, Sendable, CustomStringConvertible {
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

  package var description: String { message }

  /// `{"error": {…}}`: the body of an answer, and the data of an event inside a stream.
  package var body: [UInt8] {
    var output = Array(#"{"error":{"message":"#.utf8)
    JSONText.append(message, to: &output)
    output += #","type":"#.utf8
    JSONText.append(type, to: &output)
    output += #","param":"#.utf8
    if let parameter { JSONText.append(parameter, to: &output) } else { output += "null".utf8 }
    output += #","code":"#.utf8
    JSONText.append(status, to: &output)
    output += "}}".utf8
    return output
  }
}
