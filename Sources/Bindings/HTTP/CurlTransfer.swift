import CCurl
internal import Files

/// Owns a libcurl handle; one transfer.
package final class CurlTransfer {
  /// What the source said before the body. Names of headers are in lower case.
  package struct Head {
    /// 0 where the protocol has none (file, ftp).
    package var status = 0
    package var headers: [String: String] = [:]
  }

  /// What a receiver of the body wants next.
  package enum Demand { case more, enough }

  package typealias Receiver = (Head, UnsafeRawBufferPointer) throws -> Demand

  private let handle: UnsafeMutableRawPointer
  private var lines: UnsafeMutablePointer<curl_slist>?
  private let problem = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var head = Head()
  private var receive: Receiver?
  private var thrown: (any Error)?
  private var isSatisfied = false

  /// libcurl's tables, set up once and before any transfer, as its manual demands.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  /// - Throws: `DataError.unavailable` if libcurl cannot start.
  package init(url: String) throws {
    guard CurlTransfer.isReady, let handle = curl_easy_init() else {
      throw DataError.unavailable(name: url, reason: "libcurl cannot start")
    }
    self.handle = handle
    problem.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    let texts = [
      (CURLOPT_URL, url), (CURLOPT_USERAGENT, "ragmeter"), (CURLOPT_PROTOCOLS_STR, "http,https,ftp,file"),
      (CURLOPT_REDIR_PROTOCOLS_STR, "http,https"),
    ]
    for (option, value) in texts { ragmeter_curl_set_text(handle, option, value) }
    let numbers = [
      (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, 10), (CURLOPT_NOSIGNAL, 1), (CURLOPT_CONNECTTIMEOUT, 30),
      // A source that sends nothing for a minute is dead.
      (CURLOPT_LOW_SPEED_LIMIT, 1), (CURLOPT_LOW_SPEED_TIME, 60),
    ]
    for (option, value) in numbers { ragmeter_curl_set_number(handle, option, value) }
    ragmeter_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, problem)
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(lines)
    problem.deallocate()
  }

  /// Asks for the bytes `from`…, up to `through` where given.
  package func setRange(from: Int, through: Int?) {
    ragmeter_curl_set_text(handle, CURLOPT_RANGE, "\(from)-\(through.map(String.init) ?? "")")
  }

  package func addHeader(_ line: String) {
    lines = curl_slist_append(lines, line)
    ragmeter_curl_set_pointer(handle, CURLOPT_HTTPHEADER, lines)
  }

  /// Sends a body by POST instead of asking by GET.
  package func setBody(_ body: [UInt8]) {
    ragmeter_curl_set_number(handle, CURLOPT_POSTFIELDSIZE, body.count)
    // libcurl keeps a copy of its own.
    body.withUnsafeBytes { bytes in
      let start = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
      ragmeter_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, start ?? UnsafeMutableRawPointer(problem))
    }
  }

  /// How long a source that computes its answer may send nothing.
  package func setPatience(seconds: Int) { ragmeter_curl_set_number(handle, CURLOPT_LOW_SPEED_TIME, seconds) }

  /// Hands the body over piece by piece and returns what the source said of it.
  ///
  /// - Throws: what `receive` throws, and `DataError.unavailable` with libcurl's reason, a short body included.
  package func perform(url: String, receive: @escaping Receiver) throws -> Head {
    self.receive = receive
    defer { self.receive = nil }
    let context = Unmanaged.passUnretained(self).toOpaque()
    ragmeter_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    ragmeter_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    ragmeter_curl_set_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, _, count, context in
      guard let bytes, let context else { return 0 }
      let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
      Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().hear(line)
      return count
    }
    ragmeter_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, _, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      // Any other number than `count` ends the transfer.
      return transfer.take(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }
    let code = curl_easy_perform(handle)
    if let thrown { throw thrown }
    if isSatisfied || code == CURLE_OK { return head }
    let detail = String(cString: problem)
    throw DataError.unavailable(
      name: url, reason: detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail)
  }

  private func hear(_ line: String) {
    if line.hasPrefix("HTTP/") {
      // Every redirection brings a head of its own; the last one counts.
      head = Head(status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
      return
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...].drop { $0 == " " }.prefix { !$0.isNewline }
    head.headers[line[..<colon].lowercased()] = String(value)
  }

  private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      isSatisfied = try receive?(head, bytes) == .enough
      return !isSatisfied
    } catch {
      thrown = error
      return false
    }
  }
}
