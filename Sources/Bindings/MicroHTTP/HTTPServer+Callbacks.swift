internal import CMicroHTTPD
internal import Glibc

/// What libmicrohttpd calls, on its thread.
extension HTTPServer {
  private static func server(_ context: UnsafeMutableRawPointer?) -> HTTPServer {
    guard let context else { preconditionFailure("libmicrohttpd has lost its server") }
    return Unmanaged<HTTPServer>.fromOpaque(context).takeUnretainedValue()
  }

  static let connected: MHD_NotifyConnectionCallback = { context, connection, socketContext, what in
    let watcher = server(context).watcher
    guard let socketContext else { return }
    if what == .CONNECTION_NOTIFY_STARTED {
      let client = ClientConnection(descriptor: ragmeter_mhd_socket(connection), watcher: watcher)
      watcher.add(client)
      socketContext.pointee = Unmanaged.passRetained(client).toOpaque()
    } else if let pointer = socketContext.pointee {
      watcher.remove(Unmanaged<ClientConnection>.fromOpaque(pointer).takeRetainedValue())
      socketContext.pointee = nil
    }
  }

  static let completed: MHD_RequestCompletedCallback = { _, _, requestContext, reason in
    guard let pointer = requestContext?.pointee else { return }
    requestContext?.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
    exchange.client.current = nil
    exchange.completed(reason == .REQUEST_TERMINATED_COMPLETED_OK ? .answered : .clientGone)
  }

  static let access: MHD_AccessHandlerCallback = { context, connection, url, method, version, data, size, request in
    let server = server(context)
    guard let connection, let url, let method, let version, let size, let request else { return .NO }
    guard let pointer = request.pointee else {
      guard !server.watcher.isStopping else { return .NO }
      let exchange = server.begin(connection, url: url, method: method, version: version)
      request.pointee = Unmanaged.passRetained(exchange).toOpaque()
      exchange.client.current = exchange
      guard server.isTooLong(exchange) else { return .YES }
      exchange.isRefused = true
      return queue(.whole(server.options.tooLong), exchange, on: connection)
    }
    let exchange = Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
    guard size.pointee == 0 else {
      defer { size.pointee = 0 }
      return server.take(UnsafeRawBufferPointer(start: data, count: size.pointee), exchange) ? .YES : .NO
    }
    guard !exchange.isRefused else { return .NO }
    if !exchange.isHandled {
      exchange.isHandled = true
      let whole = exchange.request
      exchange.request.body = []
      server.handler(whole, Responder(exchange: exchange))
    }
    switch exchange.turn() {
    case .wait: return .YES
    case .answer(let answer): return queue(answer, exchange, on: connection)
    case .end: return .NO
    }
  }

  private func begin(
    _ connection: OpaquePointer, url: UnsafePointer<CChar>, method: UnsafePointer<CChar>,
    version: UnsafePointer<CChar>
  ) -> Exchange {
    guard let pointer = ragmeter_mhd_socket_context(connection) else {
      preconditionFailure("libmicrohttpd has lost a connection")
    }
    let request = ServedRequest(
      method: String(cString: method), path: String(cString: url),
      query: Self.values(of: connection, .GET_ARGUMENT_KIND) { $0 },
      headers: Self.values(of: connection, .HEADER_KIND) { $0.lowercased() })
    return Exchange(
      connection: connection, client: Unmanaged<ClientConnection>.fromOpaque(pointer).takeUnretainedValue(),
      request: request, isChunked: strcmp(version, "HTTP/1.1") == 0, maxPending: options.maxPendingBytes)
  }

  private static func values(
    of connection: OpaquePointer, _ kind: MHD_ValueKind, named: (String) -> String
  ) -> [String: String] {
    var found: [(name: String, value: String)] = []
    _ = withUnsafeMutablePointer(to: &found) { found in
      MHD_get_connection_values(
        connection, kind,
        { context, _, name, value in
          guard let context, let name else { return .YES }
          let found = context.assumingMemoryBound(to: [(name: String, value: String)].self)
          found.pointee.append((String(cString: name), value.map { String(cString: $0) } ?? ""))
          return .YES
        }, found)
    }
    return Dictionary(found.map { (named($0.name), $0.value) }) { $1 }
  }

  private func isTooLong(_ exchange: Exchange) -> Bool {
    guard let length = exchange.request.headers["content-length"] else { return false }
    // The library has seen that it is a number; one that does not fit is too long.
    return Int(length).map { $0 > options.maxBodyBytes } ?? true
  }

  /// Takes a part of a body.
  ///
  /// - Returns: whether the connection is still wanted.
  private func take(_ part: UnsafeRawBufferPointer, _ exchange: Exchange) -> Bool {
    if exchange.isRefused {
      exchange.swallowed += part.count
      return exchange.swallowed <= options.maxBodyBytes
    }
    guard exchange.request.body.count + part.count <= options.maxBodyBytes else {
      exchange.isRefused = true
      exchange.request.body = []
      // The library takes no answer in the midst of a body. Some more is read, so that the client comes to read this one:
      // a socket that is closed with bytes unread takes back what was sent (RFC 9112, section 9.6).
      exchange.client.sendAndClose(options.tooLong)
      return true
    }
    exchange.request.body += part
    return true
  }

  private static func queue(_ answer: Exchange.Answer, _ exchange: Exchange, on connection: OpaquePointer) -> MHD_Result
  {
    let status: Int
    let headers: [(name: String, value: String)]
    let response: OpaquePointer?
    switch answer {
    case .whole(let whole):
      (status, headers) = (whole.status, whole.headers)
      response = whole.body.withUnsafeBytes {
        MHD_create_response_from_buffer(
          $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .stream(let streamStatus, let streamHeaders):
      (status, headers) = (streamStatus, streamHeaders)
      response = MHD_create_response_from_callback(
        .max, blockSize,
        { context, _, _, _ in
          guard let context else { return -2 }
          let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
          return exchange.readerTurn()
        }, Unmanaged.passUnretained(exchange).toOpaque(), nil)
    }
    guard let response else { return .NO }
    defer { MHD_destroy_response(response) }
    for (name, value) in headers { _ = MHD_add_response_header(response, name, value) }
    return MHD_queue_response(connection, UInt32(status), response)
  }

  /// The library's buffer for bodies that it asks for; none passes through it.
  private static let blockSize = 1024
}
