internal import CCurl
internal import Files
internal import Synchronization

/// Asks servers and waits for the answer, on connections that stay open.
///
/// Any thread may ask; those that ask at once have a connection each, which the next one that asks takes over.
/// Redirections are not followed, and answers of every status are answers.
package final class HTTPClient: Sendable {
  /// `@unchecked Sendable`: a handle is in `idle`, or with the one thread that took it from there.
  private struct Lent: @unchecked Sendable {
    let handle: CurlHandle
  }

  private let connectTimeout: Double
  private let usesProxy: Bool
  private let idle = Mutex<[Lent]>([])

  /// - Parameters:
  ///   - connectTimeout: seconds for the name and the connection.
  ///   - usesProxy: whether the proxy that the environment names stands between; a machine reaches itself without.
  package init(connectTimeout: Double, usesProxy: Bool) {
    self.connectTimeout = connectTimeout
    self.usesProxy = usesProxy
  }

  /// Sends a request and collects the answer.
  ///
  /// - Parameters:
  ///   - body: sent with any method, GET included; nil sends none.
  ///   - limit: bytes beyond which an answer is refused.
  ///   - patience: seconds for everything.
  /// - Throws: `TransferFailure` where no whole answer came; the kind says how far it got.
  package func send(
    _ method: String, _ url: String, headers: [String] = [], body: [UInt8]? = nil, limit: Int, patience: Double
  ) throws(TransferFailure) -> HTTPResponse {
    let handle = try take()
    defer { give(handle) }
    handle.set(CURLOPT_URL, url)
    // libcurl would wait a second for leave to send a large body.
    handle.setHeader(body == nil ? headers : headers + ["Expect:"])
    handle.set(CURLOPT_TIMEOUT_MS, max(1, Int(patience * 1_000)))
    handle.setBody(body)
    handle.set(CURLOPT_CUSTOMREQUEST, method)
    var answer: [UInt8] = []
    var isTooLong = false
    handle.take = { bytes in
      isTooLong = answer.count + bytes.count > limit
      if !isTooLong { answer += bytes }
      return !isTooLong
    }
    let code = curl_easy_perform(handle.raw)
    if isTooLong { throw TransferFailure(.malformed, "the answer is longer than \(limit) bytes") }
    guard code == CURLE_OK else { throw TransferFailure(code, handle) }
    return HTTPResponse(status: handle.head.status, headers: handle.head.headers, body: answer)
  }

  private func take() throws(TransferFailure) -> CurlHandle {
    if let lent = idle.withLock({ $0.popLast() }) { return lent.handle }
    do {
      let handle = try CurlHandle(reusedFor: "libcurl")
      handle.set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(connectTimeout * 1_000)))
      if !usesProxy { handle.set(CURLOPT_PROXY, "") }
      return handle
    } catch {
      throw TransferFailure(.other, "\(error)")
    }
  }

  private func give(_ handle: CurlHandle) {
    handle.clear()
    let lent = Lent(handle: handle)
    idle.withLock { $0.append(lent) }
  }
}
