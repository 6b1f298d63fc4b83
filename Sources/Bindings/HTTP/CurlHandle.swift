internal import CCurl
internal import Files

/// Owns a libcurl easy handle, the lines of its header and the text of its last problem.
///
/// The handle can carry one transfer after another.
final class CurlHandle {
  let raw: UnsafeMutableRawPointer
  /// What the source said of the transfer under way.
  var head = HTTPHead()
  /// Takes a piece of the body, and answers whether it wants more.
  var take: ((UnsafeRawBufferPointer) -> Bool)?
  private var lines: UnsafeMutablePointer<curl_slist>?
  private var header: [String] = []
  private let problem = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  /// libcurl's tables, set up once and before any transfer, as its manual demands.
  static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

  /// - Parameter name: what an error calls the source.
  /// - Throws: `DataError.unavailable` if libcurl cannot start.
  init(for name: String) throws {
    guard CurlHandle.isReady, let handle = curl_easy_init() else {
      throw DataError.unavailable(name: name, reason: "libcurl cannot start")
    }
    raw = handle
    problem.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    set(CURLOPT_USERAGENT, "ragmeter")
    // Signals would go to whichever thread is there.
    set(CURLOPT_NOSIGNAL, 1)
    let context = Unmanaged.passUnretained(self).toOpaque()
    set(CURLOPT_ERRORBUFFER, problem)
    set(CURLOPT_HEADERDATA, context)
    set(CURLOPT_WRITEDATA, context)
    ragmeter_curl_set_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, _, count, context in
      guard let bytes, let context else { return 0 }
      Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue().head.take(
        UnsafeRawBufferPointer(start: bytes, count: count))
      return count
    }
    ragmeter_curl_set_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, _, count, context in
      guard let bytes, let context else { return 0 }
      let handle = Unmanaged<CurlHandle>.fromOpaque(context).takeUnretainedValue()
      // Any other number than `count` ends the transfer.
      return handle.take?(UnsafeRawBufferPointer(start: bytes, count: count)) == true ? count : 0
    }
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(lines)
    problem.deallocate()
  }

  func set(_ option: CURLoption, _ value: String) { ragmeter_curl_set_text(raw, option, value) }
  func set(_ option: CURLoption, _ value: Int) { ragmeter_curl_set_number(raw, option, value) }
  func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) { ragmeter_curl_set_pointer(raw, option, value) }

  /// Sends these lines, and no others of the last transfer.
  func setHeader(_ header: [String]) {
    guard header != self.header else { return }
    curl_slist_free_all(lines)
    lines = header.reduce(nil) { curl_slist_append($0, $1) }
    self.header = header
    set(CURLOPT_HTTPHEADER, lines)
  }

  /// Sends a body by POST, of which libcurl keeps a copy; nil: asks by GET.
  func setBody(_ body: [UInt8]?) {
    guard let body else { return set(CURLOPT_HTTPGET, 1) }
    set(CURLOPT_POST, 1)
    set(CURLOPT_POSTFIELDSIZE, body.count)
    body.withUnsafeBytes { bytes in
      let start = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
      set(CURLOPT_COPYPOSTFIELDS, start ?? UnsafeMutableRawPointer(problem))
    }
  }

  /// Forgets what the last transfer left.
  func clear() {
    head = HTTPHead()
    take = nil
    problem[0] = 0
  }

  /// libcurl's sentence about what went wrong.
  func reason(_ code: CURLcode) -> String {
    let detail = String(cString: problem)
    return detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
  }
}
