internal import Glibc
internal import Synchronization

/// A client's connection, which may carry many requests, one behind the other.
final class ClientConnection: Sendable {
  /// Open from the library's first word of the connection to its last.
  let descriptor: Int32
  let number: UInt64
  private let watcher: SocketWatcher
  private let exchange = Mutex<Exchange?>(nil)

  init(descriptor: Int32, watcher: SocketWatcher) {
    self.descriptor = descriptor
    self.watcher = watcher
    number = watcher.nextNumber()
  }

  var current: Exchange? {
    get { exchange.withLock { $0 } }
    set { exchange.withLock { $0 = newValue } }
  }

  /// Whether the server is being stopped, so that nothing may be suspended any more.
  var isServerStopping: Bool { watcher.isStopping }

  /// Has the exchange flushed when the kernel can take more.
  func awaitRoom() { watcher.awaitRoom(self) }

  /// Sends an answer past libmicrohttpd, and then nothing more, in a connection that is of no further use.
  func sendAndClose(_ response: ServedResponse) {
    let headers = response.headers + [("Content-Length", String(response.body.count)), ("Connection", "close")]
    let lines = ["HTTP/1.1 \(response.status)  "] + headers.map { "\($0.name): \($0.value)" }
    var bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + response.body
    // So short that an idle socket takes it whole.
    send(descriptor, &bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    shutdown(descriptor, Int32(SHUT_WR))
  }
}
