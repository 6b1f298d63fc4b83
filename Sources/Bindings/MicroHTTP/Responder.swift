/// Answers one request, once, from any thread.
package struct Responder: Sendable {
  let exchange: Exchange

  /// Answers with a whole body. A second answer, or one to a client that has gone, is dropped.
  package func respond(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    exchange.answer(.whole(ServedResponse(status: status, headers: headers, body: body)))
  }

  package func respond(_ response: ServedResponse) { exchange.answer(.whole(response)) }

  /// Begins an answer whose body comes bit by bit.
  package func stream(status: Int = 200, headers: [(name: String, value: String)] = []) -> ResponseStream {
    exchange.answer(.stream(status: status, headers: headers))
    return ResponseStream(exchange: exchange)
  }

  /// Whether the exchange is over.
  package var isClosed: Bool { exchange.isClosed }

  /// Has an action called once when the exchange is over, at once if it is already: on any thread, but never from within
  /// a call of this type or of `ResponseStream`, except this one. There is one action; a later one takes its place.
  package func onClose(_ action: @escaping @Sendable (ExchangeEnd) -> Void) { exchange.onClose(action) }
}

/// Why an exchange is over.
package enum ExchangeEnd: Sendable, Equatable {
  /// The answer was handed to the kernel, whole.
  case answered
  /// The client has closed its connection, or its sending half of it: like others (nginx, uvicorn) the server takes that
  /// for going away.
  case clientGone
  /// The client read too slowly: see `ResponseStream`.
  case tooSlow
  /// `ResponseStream.abort`, or the server was stopped.
  case aborted
}

/// The body of an answer, written bit by bit.
///
/// Writing never blocks, whoever reads: what the kernel does not take is kept, up to `HTTPServerOptions.maxPendingBytes`.
/// A reader further behind than that, or one that has taken nothing for `stallSeconds` while bytes were there, is cut off.
/// The writer is an engine that serves others in the same step. To wait for the slowest reader would stop them all; to
/// pause that reader's request would keep KV blocks that others wait for; and to keep everything would let a client fill
/// the memory of the server by not reading.
package struct ResponseStream: Sendable {
  let exchange: Exchange

  /// Adds bytes, at best straight into the kernel.
  ///
  /// - Returns: whether the reader is still there.
  @discardableResult package func write(_ bytes: UnsafeRawBufferPointer) -> Bool { exchange.write(bytes) }

  @discardableResult package func write(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { exchange.write($0) } }

  /// Bytes, the framing's included, that the kernel has not taken yet.
  package var pending: Int { exchange.pending }

  /// Ends the body behind what has been written.
  package func finish() { exchange.finish() }

  /// Breaks the connection, so that the client sees that the body is not whole.
  package func abort() { exchange.close(.aborted) }
}
