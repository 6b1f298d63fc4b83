internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// An HTTP/1.1 server on libmicrohttpd: one thread that accepts, reads requests and sends whole answers, and one that
/// watches the connections on which an answer is awaited or streamed (see `Exchange`). There is no thread per request.
package final class HTTPServer: Sendable {
  package typealias Handler = @Sendable (ServedRequest, Responder) -> Void

  package let options: HTTPServerOptions
  /// The one that was taken, where 0 asked for any.
  package let port: UInt16
  let handler: Handler
  let watcher: SocketWatcher
  private let daemon = Mutex<Daemon?>(nil)

  /// `@unchecked Sendable`: the library's functions may be called from any thread.
  private struct Daemon: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  /// Memory of a connection for the head of a request and for parts of a body.
  private static let connectionMemory = 16 << 10
  /// Descriptors besides those of connections.
  private static let otherDescriptors = 64

  /// Listens, and answers from then on.
  ///
  /// - Parameter handler: called on the server's one thread with a whole request; it must not block, nor stop or drop the
  ///   server. Whoever it hands the responder to must answer, or nobody will.
  /// - Throws: `HTTPServerError` for an address that cannot be listened on, or fewer descriptors than connections.
  package init(options: HTTPServerOptions, handler: @escaping Handler) throws(HTTPServerError) {
    self.options = options
    self.handler = handler
    try DescriptorLimit.reach(options.maxConnections + Self.otherDescriptors)
    watcher = try SocketWatcher(stallSeconds: options.stallSeconds)
    let listener: ListeningSocket
    do {
      listener = try ListeningSocket(
        host: options.host, port: options.port, sendBufferBytes: options.sendBufferBytes)
    } catch {
      watcher.stop()
      throw error
    }
    port = listener.port
    let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
    // The library's callbacks come between here and `stop`, for which `deinit` waits.
    let context = Unmanaged.passUnretained(self).toOpaque()
    let started = ragmeter_mhd_start(
      flags, Self.access, Self.completed, Self.connected, context, listener.descriptor, UInt32(options.maxConnections),
      UInt32(options.idleSeconds), Self.connectionMemory)
    guard let started else {
      close(listener.descriptor)
      watcher.stop()
      throw HTTPServerError("libmicrohttpd does not start on \(options.host):\(port)")
    }
    daemon.withLock { $0 = Daemon(pointer: started) }
  }

  deinit { stop() }

  /// Open connections, idle ones included.
  package var connectionCount: Int { watcher.connections.count }

  /// Breaks off what is under way, closes every connection, and returns when the threads have ended. More than once is as
  /// good as once.
  package func stop() {
    watcher.announceStop()
    guard let running = daemon.withLock({ daemon in daemon.take() }) else { return }
    // The library does not stop while a connection is suspended; from now on none will be.
    for connection in watcher.connections { connection.current?.close(.aborted) }
    MHD_stop_daemon(running.pointer)
    watcher.stop()
  }
}
