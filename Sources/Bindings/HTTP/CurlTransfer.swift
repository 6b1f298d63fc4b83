internal import CCurl
internal import Files

/// One transfer, during which the thread waits.
package final class CurlTransfer {
  /// What a receiver of the body wants next.
  package enum Demand { case more, enough }

  package typealias Receiver = (HTTPHead, UnsafeRawBufferPointer) throws -> Demand

  private let handle: CurlHandle
  private var gate: AddressGate?
  private var header: [String] = []

  /// - Throws: `DataError.unavailable` if libcurl cannot start.
  package init(url: String) throws {
    handle = try CurlHandle(for: url)
    handle.set(CURLOPT_URL, url)
    handle.set(CURLOPT_PROTOCOLS_STR, "http,https,ftp,file")
    handle.set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    handle.set(CURLOPT_FOLLOWLOCATION, 1)
    handle.set(CURLOPT_MAXREDIRS, 10)
    handle.set(CURLOPT_CONNECTTIMEOUT, 30)
    // A source that sends nothing for a minute is dead.
    handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
    handle.set(CURLOPT_LOW_SPEED_TIME, 60)
  }

  /// Asks for the bytes `from`…, up to `through` where given.
  package func setRange(from: Int, through: Int?) {
    handle.set(CURLOPT_RANGE, "\(from)-\(through.map(String.init) ?? "")")
  }

  package func addHeader(_ line: String) {
    header.append(line)
    handle.setHeader(header)
  }

  /// Sends a body by POST instead of asking by GET.
  package func setBody(_ body: [UInt8]) { handle.setBody(body) }

  /// How long a source that computes its answer may send nothing.
  package func setPatience(seconds: Int) { handle.set(CURLOPT_LOW_SPEED_TIME, seconds) }

  /// Keeps to HTTP, to the time and, unless others are allowed, to public addresses; the bytes are counted by who receives them.
  ///
  /// - Parameter allows: which addresses count as public, by their bytes.
  package func limit(_ limits: FetchLimits, allows: @escaping ([UInt8]) -> Bool = PublicAddress.isPublic) {
    handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
    handle.set(CURLOPT_TIMEOUT, max(1, limits.seconds))
    handle.set(CURLOPT_CONNECTTIMEOUT, max(1, limits.seconds))
    guard !limits.allowsPrivateAddresses else { return }
    let gate = AddressGate(allows: allows)
    gate.guardSockets(of: handle)
    self.gate = gate
  }

  /// Hands the body over piece by piece and returns what the source said of it.
  ///
  /// - Throws: what `receive` throws, and `DataError.unavailable` with libcurl's reason, a short body included.
  package func perform(url: String, receive: @escaping Receiver) throws -> HTTPHead {
    var thrown: (any Error)?
    var isSatisfied = false
    handle.take = { [unowned handle] bytes in
      do {
        isSatisfied = try receive(handle.head, bytes) == .enough
        return !isSatisfied
      } catch {
        thrown = error
        return false
      }
    }
    let code = curl_easy_perform(handle.raw)
    handle.take = nil
    if let thrown { throw thrown }
    if isSatisfied || code == CURLE_OK { return handle.head }
    if gate?.hasRefused == true { throw DataError.unavailable(name: url, reason: "its address is not a public one") }
    throw DataError.unavailable(name: url, reason: handle.reason(code))
  }
}
