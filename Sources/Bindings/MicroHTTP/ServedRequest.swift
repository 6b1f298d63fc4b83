/// A request as it came to a server of ours, whole.
package struct ServedRequest: Sendable {
  /// "GET", "POST", ….
  package var method: String
  /// Without the query: "/v1/completions".
  package var path: String
  /// What follows "?" in the URL, decoded; of a name that comes twice the last counts.
  package var query: [String: String]
  /// Names in lower case.
  package var headers: [String: String]
  package var body: [UInt8]

  package init(
    method: String, path: String, query: [String: String] = [:], headers: [String: String] = [:], body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }
}
