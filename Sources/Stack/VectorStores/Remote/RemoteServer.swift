package import HTTP

/// A server of JSON over HTTP that a store stands on: one blocking call, from any thread, on connections that stay open.
///
/// Whatever goes wrong becomes one sentence that names the server and says what to do next. Keys go over http to loopback
/// alone, redirections are not followed, and no proxy stands before loopback.
package final class RemoteServer: Sendable {
  package struct Options: Sendable {
    /// What errors call the store: "milvus".
    package var name: String
    /// How the server is started, for the sentence about one that is down.
    package var start: String?
    /// Where its key is looked for, for the sentence about one that wants a key.
    package var keyVariable: String?
    /// Seconds for name and connection.
    package var connectTimeout = 10.0
    /// Seconds for a whole answer.
    package var patience = 60.0
    /// Bytes beyond which an answer is refused, for a server may never end.
    package var limit = 256 << 20
    /// Lines that every request carries.
    package var headers: [String] = []

    package init(name: String, start: String? = nil, keyVariable: String? = nil) {
      self.name = name
      self.start = start
      self.keyVariable = keyVariable
    }
  }

  package let address: RemoteAddress
  package let options: Options
  private let key: RemoteKey?
  private let client: HTTPClient

  /// - Throws: `VectorStoreError.invalidArgument` if a key would go unencrypted to another machine.
  package init(_ address: RemoteAddress, key: RemoteKey? = nil, options: Options) throws(VectorStoreError) {
    guard key == nil || address.isEncrypted || address.isLoopback else {
      throw .invalidArgument(
        "\(options.name): the \(key!) would go to \(address.host) unencrypted; write https://, or unset the variable")
    }
    self.address = address
    self.options = options
    self.key = key
    client = HTTPClient(connectTimeout: options.connectTimeout, usesProxy: !address.isLoopback)
  }

  /// Sends a request and waits for the answer, whatever its status.
  ///
  /// - Parameters:
  ///   - path: behind the address, with its query: `/v1/vector/insert`.
  ///   - body: JSON; nil sends none.
  ///   - patience: seconds, where this call needs other than the options say.
  /// - Throws: `VectorStoreError.remote` where the server cannot be reached, breaks off, takes too long, refuses the key
  ///   (401, 403) or sends elsewhere (3xx).
  package func call(
    _ method: String, _ path: String, body: [UInt8]? = nil, headers: [String] = [], patience: Double? = nil
  ) throws(VectorStoreError) -> RemoteAnswer {
    let patience = patience ?? options.patience
    let response: HTTPResponse
    do {
      response = try client.send(
        method, address.url + path, headers: self.headers(hasBody: body != nil) + headers, body: body,
        limit: options.limit, patience: patience)
    } catch {
      throw failure(error, path: path, patience: patience)
    }
    return try answer(response, to: method, path)
  }

  /// Lines that a request carries, the key among them.
  private func headers(hasBody: Bool) -> [String] {
    ["Accept: application/json"] + (hasBody ? ["Content-Type: application/json"] : []) + (key.map { [$0.header] } ?? [])
      + options.headers
  }

  /// The same request for a loop that reads its answer as it comes: by POST with a body, else by GET.
  package func request(_ path: String, body: [UInt8]? = nil) -> HTTPRequest {
    var request = HTTPRequest(url: address.url + path, headers: headers(hasBody: body != nil) + ["Expect:"], body: body)
    request.connectTimeout = options.connectTimeout
    return request
  }

  /// An answer that has come by any way.
  ///
  /// - Throws: `VectorStoreError.remote` for one that refuses the key (401, 403) or sends elsewhere (3xx).
  package func answer(
    _ response: HTTPResponse, to method: String, _ path: String
  ) throws(VectorStoreError) -> RemoteAnswer {
    let answer = RemoteAnswer(server: self, request: "\(method) \(path)", status: response.status, body: response.body)
    switch response.status {
    case 401, 403: throw answer.failure(keyRefused)
    case 300..<400:
      let target = response.headers["location"].map { " to \($0.prefix(200))" } ?? ""
      throw answer.failure("sends on\(target), which is not followed; name the address itself")
    default: return answer
    }
  }

  /// The end of a sentence about a server that does not let us in.
  var keyRefused: String {
    let variable = options.keyVariable ?? "its variable of the environment"
    return key.map { "refused the \($0); set \($0.variable) to one that it accepts" }
      ?? "wants a key; set \(variable)"
  }

  /// No whole answer came.
  package func failure(_ failure: TransferFailure, path: String, patience: Double) -> VectorStoreError {
    .remote(name: options.name, reason: redacted(reason(failure, place: "\(address)\(path)", patience: patience)))
  }

  private func reason(_ failure: TransferFailure, place: String, patience: Double) -> String {
    switch failure.kind {
    case .refused:
      return
        "nothing answers at \(address) (\(failure)); \(options.start.map { "start it with \($0), or" } ?? "start it, or") name another address"
    case .timeout: return "\(place) gave no whole answer within \(patience) s (\(failure))"
    case .short, .reset: return "\(place) broke off its answer (\(failure)); ask again, or read the server's log"
    case .malformed: return "\(place) answered with what is no answer (\(failure)); is it the right port?"
    case .other: return "\(place) cannot be reached (\(failure)); check the address"
    }
  }

  package func redacted(_ text: String) -> String { key?.redacted(text) ?? text }
}
