internal import HTTP
internal import MicroHTTP
internal import Synchronization

/// A call that another server answers.
final class ForwardedCall: OpenCall {
  private struct State {
    var stream: ResponseStream?
    var isOver = false
    var cancelled: (@Sendable () -> Void)?
  }

  let number: Int
  let request: HTTPRequest
  private let reply: Reply
  private let registry: CallRegistry
  private let state = Mutex(State())

  init(number: Int, request: HTTPRequest, reply: Reply, registry: CallRegistry) {
    self.number = number
    self.request = request
    self.reply = reply
    self.registry = registry
  }

  /// Ends the transfer.
  var cancelled: (@Sendable () -> Void)? {
    get { state.withLock { $0.cancelled } }
    set { state.withLock { $0.cancelled = newValue } }
  }

  func received(_ bytes: UnsafeRawBufferPointer, _ head: HTTPHead) {
    let stream = state.withLock { state -> ResponseStream? in
      guard !state.isOver else { return nil }
      if let stream = state.stream { return stream }
      reply.count(head.status)
      let type = head.headers["content-type"] ?? "application/json"
      let stream = reply.responder.stream(status: head.status, headers: [("Content-Type", type)])
      state.stream = stream
      return stream
    }
    stream?.write(bytes)
  }

  func ended(status: Int, _ failure: TransferFailure?) {
    end { stream in
      switch (stream, failure) {
      case (let stream?, nil): stream.finish()
      // Who reads sees that it is not whole.
      case (let stream?, .some): stream.abort()
      case (nil, nil): reply.send(status: status, headers: [], [])
      case (nil, let failure?):
        reply.refuse(
          APIError(
            status: 502, message: "The model's server does not answer: \(failure).", type: "BadGatewayError"))
      }
    }
  }

  func fail(_ error: APIError) {
    end { stream in
      if let stream { stream.abort() } else { reply.refuse(error) }
    }
    cancelled?()
  }

  /// The client has its answer, or has gone.
  func closed() {
    end { _ in }
    cancelled?()
    registry.closed(number: number)
  }

  private func end(_ answer: (ResponseStream?) -> Void) {
    let (isFirst, stream) = state.withLock { state in
      defer { state.isOver = true }
      return (!state.isOver, state.stream)
    }
    guard isFirst else { return }
    registry.isOver()
    answer(stream)
  }
}

/// What is left for the thread of a `ForwardingLoop`.
final class ForwardingMail: Sendable {
  struct Contents {
    var calls: [ForwardedCall] = []
    var cancelled: [Int] = []
    var isClosed = false
    /// The thread has ended.
    var isDead = false
  }

  private let contents = Mutex(Contents())
  private let bell: LoopBell

  init(bell: LoopBell) { self.bell = bell }

  func post(_ call: ForwardedCall) {
    let isDead = contents.withLock { contents in
      if !contents.isDead { contents.calls.append(call) }
      return contents.isDead
    }
    if isDead { call.ended(status: 0, TransferFailure(.other, "this server can make no connections")) }
    bell.ring()
  }

  func cancel(_ number: Int) {
    contents.withLock { $0.cancelled.append(number) }
    bell.ring()
  }

  func close() {
    contents.withLock { $0.isClosed = true }
    bell.ring()
  }

  func die() -> [ForwardedCall] {
    contents.withLock { contents in
      contents.isDead = true
      defer { contents.calls = [] }
      return contents.calls
    }
  }

  func collect() -> Contents {
    contents.withLock { contents in
      defer {
        contents.calls = []
        contents.cancelled = []
      }
      return contents
    }
  }
}

/// The thread that passes calls on.
///
/// `@unchecked Sendable`: made by one thread and handed to the one that runs it, which alone touches it from then on.
final class ForwardingLoop: @unchecked Sendable {
  let mail: ForwardingMail
  private let loop: TransferLoop
  private var active: [Int: Receiver] = [:]
  private var isClosed = false

  init(_ loop: TransferLoop) {
    self.loop = loop
    mail = ForwardingMail(bell: loop.bell)
  }

  private final class Receiver: TransferReceiver {
    let call: ForwardedCall
    var transfer: Transfer?
    let done: () -> Void

    init(_ call: ForwardedCall, done: @escaping () -> Void) {
      self.call = call
      self.done = done
    }

    func received(_ bytes: UnsafeRawBufferPointer, of transfer: Transfer) { call.received(bytes, transfer.head) }

    func ended(_ transfer: Transfer, failure: TransferFailure?) {
      done()
      call.ended(status: transfer.head.status, failure)
    }
  }

  /// Until the routes are gone and their calls have ended.
  func run() {
    loop.rung = { [unowned self] in collect() }
    do { try loop.run { isClosed && active.isEmpty } } catch {
      let failure = TransferFailure(.other, "\(error)")
      for call in active.values.map(\.call) + mail.die() { call.ended(status: 0, failure) }
    }
  }

  private func collect() {
    let contents = mail.collect()
    isClosed = contents.isClosed
    for call in contents.calls {
      let number = call.number
      let receiver = Receiver(call) { [unowned self] in active[number] = nil }
      active[number] = receiver
      receiver.transfer = loop.start(call.request, receiver: receiver)
    }
    for number in contents.cancelled {
      guard let receiver = active.removeValue(forKey: number), let transfer = receiver.transfer else { continue }
      loop.cancel(transfer)
    }
  }
}
