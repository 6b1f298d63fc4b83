/// Where a server listens, and what it puts up with.
package struct HTTPServerOptions: Sendable {
  /// An address of this machine, or a name of one; others cannot reach the loopback address.
  package var host = "127.0.0.1"
  /// 0 takes a free one.
  package var port: UInt16 = 0
  /// A longer body is refused as soon as its length is known, or that much has come.
  package var maxBodyBytes = 16 << 20
  /// More wait in the kernel's backlog until one leaves.
  package var maxConnections = 4096
  /// How long a connection may stay silent while it is the client's turn to speak.
  package var idleSeconds = 75
  /// Bytes of a stream that wait for a slow reader; one who is further behind is cut off. See `ResponseStream`.
  package var maxPendingBytes = 512 << 10
  /// How long a reader may take nothing while bytes wait for it.
  package var stallSeconds = 60
  /// What the kernel may hold for one connection besides: left to itself it takes megabytes.
  package var sendBufferBytes = 128 << 10
  /// The answer to a body that is too long.
  package var tooLong = ServedResponse(
    status: 413, headers: [("Content-Type", "text/plain")], body: Array("the body is too long\n".utf8))

  package init() {}
}

/// A whole answer.
package struct ServedResponse: Sendable {
  package var status: Int
  package var headers: [(name: String, value: String)]
  package var body: [UInt8]

  package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// A server that cannot be started, in one sentence.
package struct HTTPServerError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
