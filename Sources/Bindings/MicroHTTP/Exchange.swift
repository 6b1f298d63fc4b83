internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// One request and its answer.
///
/// While an answer is awaited or streamed, libmicrohttpd's connection is suspended: the library then leaves the socket
/// alone, and this type writes to it from whatever thread has something to say. So a chunk costs one system call and wakes
/// no thread but the reader's. The library is resumed to send an answer's head, and to end the body.
///
/// `@unchecked Sendable`: everything that changes stands in `state`, whose lock is held wherever the connection is touched
/// by others than the library's thread. The lock is never held while foreign code is called.
final class Exchange: @unchecked Sendable {
  enum Answer {
    case whole(ServedResponse)
    case stream(status: Int, headers: [(name: String, value: String)])
  }

  /// `@unchecked Sendable`: may be suspended and resumed from any thread, which happens under the lock alone.
  private struct Connection: @unchecked Sendable {
    let pointer: OpaquePointer

    func suspend() { MHD_suspend_connection(pointer) }
    func resume() { MHD_resume_connection(pointer) }
  }

  private struct State {
    /// nil once the library has done with the request.
    var connection: Connection?
    var isSuspended = false
    var answer: Answer?
    /// The head is out, and the body may follow.
    var isOpen = false
    var isFinished = false
    var outbox = Outbox()
    /// Why the connection is to be broken.
    var end: ExchangeEnd?
    var onClose: (@Sendable (ExchangeEnd) -> Void)?
    /// What `onClose` would have been told.
    var told: ExchangeEnd?
  }

  let client: ClientConnection
  /// HTTP/1.1 has chunks; the end of a body to HTTP/1.0 is the end of the connection.
  private let isChunked: Bool
  private let maxPending: Int
  private let state: Mutex<State>
  // The library's thread alone touches these, before the handler is called.
  var request: ServedRequest
  var isHandled = false
  var isRefused = false
  var swallowed = 0

  init(
    connection: OpaquePointer, client: ClientConnection, request: ServedRequest, isChunked: Bool, maxPending: Int
  ) {
    self.client = client
    self.request = request
    self.isChunked = isChunked
    self.maxPending = maxPending
    state = Mutex(State(connection: Connection(pointer: connection)))
  }

  // MARK: - For those who answer

  func answer(_ answer: Answer) {
    state.withLock { state in
      guard state.answer == nil, state.end == nil, state.connection != nil else { return }
      state.answer = answer
      wake(&state)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { state in
      guard state.end == nil, state.connection != nil else { return false }
      guard !bytes.isEmpty, !state.isFinished else { return true }
      let isDirect = state.isOpen && state.outbox.isEmpty
      guard isDirect || state.outbox.count <= maxPending else {
        breakOff(&state, .tooSlow)
        return false
      }
      guard isDirect else {
        state.outbox.append(bytes, chunked: isChunked)
        return true
      }
      switch state.outbox.send(bytes, chunked: isChunked, to: client.descriptor) {
      case .everything: break
      case .part: client.awaitRoom()
      case .failed:
        breakOff(&state, .clientGone)
        return false
      }
      return true
    }
  }

  var isClosed: Bool { state.withLock { $0.told != nil } }

  var pending: Int { state.withLock { $0.outbox.count } }

  func finish() {
    state.withLock { state in
      guard !state.isFinished else { return }
      state.isFinished = true
      if state.isOpen, state.outbox.isEmpty { wake(&state) }
    }
  }

  func onClose(_ action: @escaping @Sendable (ExchangeEnd) -> Void) {
    let told = state.withLock { state in
      if state.told == nil { state.onClose = action }
      return state.told
    }
    if let told { action(told) }
  }

  /// Breaks the connection.
  func close(_ end: ExchangeEnd) { state.withLock { breakOff(&$0, end) } }

  // MARK: - For the watcher

  /// The client has gone: whoever works for it is told at once.
  func clientLeft() {
    let end = state.withLock { state in
      breakOff(&state, .clientGone)
      // It may have been sent away before it left.
      return state.end ?? .clientGone
    }
    tell(end)
  }

  /// The kernel has room again.
  func flush() {
    state.withLock { flush(&$0) }
  }

  var isBlocked: Bool { state.withLock { $0.isOpen && !$0.outbox.isEmpty && $0.end == nil } }

  /// Bytes that the kernel has taken of what had to wait.
  var progress: Int { state.withLock { $0.outbox.sent } }

  // MARK: - For the library's thread

  /// What to do when the whole request is there.
  enum Turn {
    case wait
    case answer(Answer)
    case end
  }

  func turn() -> Turn {
    state.withLock { state in
      guard state.end == nil, let connection = state.connection else { return .end }
      if let answer = state.answer { return .answer(answer) }
      guard !client.isServerStopping else { return .end }
      state.isSuspended = true
      connection.suspend()
      return .wait
    }
  }

  /// The library asks for the body: it gets none, but its connection for this type to write to.
  func readerTurn() -> Int {
    state.withLock { state in
      state.isOpen = true
      flush(&state)
      guard state.end == nil, let connection = state.connection else { return Self.endWithError }
      if state.isFinished, state.outbox.isEmpty { return Self.endOfStream }
      guard !client.isServerStopping else { return Self.endWithError }
      state.isSuspended = true
      connection.suspend()
      return 0
    }
  }

  // As <microhttpd.h> has them, in casts that are not imported.
  private static let endOfStream = -1
  private static let endWithError = -2

  /// The library has done with the request.
  func completed(_ end: ExchangeEnd) {
    let end = state.withLock { state in
      state.connection = nil
      // A server that is being stopped may have refused to go on before `close` came by.
      return state.end ?? (end == .clientGone && client.isServerStopping ? .aborted : end)
    }
    tell(end)
  }

  // MARK: -

  private func tell(_ end: ExchangeEnd) {
    let action = state.withLock { state -> (@Sendable (ExchangeEnd) -> Void)? in
      guard state.told == nil else { return nil }
      state.told = end
      defer { state.onClose = nil }
      return state.onClose
    }
    action?(end)
  }

  private func flush(_ state: inout State) {
    guard state.isOpen, state.end == nil, state.connection != nil, !state.outbox.isEmpty else { return }
    switch state.outbox.flush(to: client.descriptor) {
    case .everything: if state.isFinished { wake(&state) }
    case .part: client.awaitRoom()
    case .failed: breakOff(&state, .clientGone)
    }
  }

  private func breakOff(_ state: inout State, _ end: ExchangeEnd) {
    guard state.end == nil, state.connection != nil else { return }
    state.end = end
    state.outbox.clear()
    wake(&state)
  }

  /// Has the library go on with the connection.
  private func wake(_ state: inout State) {
    guard state.isSuspended, let connection = state.connection else { return }
    state.isSuspended = false
    connection.resume()
  }
}
