/// What a transfer asks for.
package struct HTTPRequest: Sendable {
  package var url: String
  /// Lines as they are sent: `Content-Type: application/json`.
  package var headers: [String]
  /// Sent by POST; nil: asks by GET.
  package var body: [UInt8]?
  /// Seconds for the name and the connection.
  package var connectTimeout = 30.0

  package init(url: String, headers: [String] = [], body: [UInt8]? = nil) {
    self.url = url
    self.headers = headers
    self.body = body
  }
}
