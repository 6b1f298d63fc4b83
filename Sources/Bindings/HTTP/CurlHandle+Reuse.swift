internal import CCurl

extension CurlHandle {
  /// One that asks HTTP servers again and again, on a connection that stays open.
  ///
  /// It follows no redirection: whoever sends a key must know where it goes.
  convenience init(reusedFor url: String) throws {
    try self.init(for: url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    // Streams that share a connection would wait for each other's bytes.
    set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    set(CURLOPT_TCP_NODELAY, 1)
    // A server is asked at every request; a name need not be.
    set(CURLOPT_DNS_CACHE_TIMEOUT, 3_600)
  }
}
