internal import Foundation
internal import Synchronization

/// A `TransferLoop` on a thread of its own, for tasks that read answers as they come; all share its connections.
package final class TransferThread: Sendable {
  /// What has come of an answer at a time.
  package struct Piece: Sendable {
    package var head: HTTPHead
    /// Empty where an answer has no body.
    package var bytes: [UInt8]
    package var time: UInt64
  }

  private let mail: TransferMail

  /// - Throws: `DataError.unavailable` if the system gives no descriptors.
  package init() throws {
    let runner = TransferRunner(try TransferLoop())
    mail = runner.mail
    Thread.detachNewThread { runner.run() }
  }

  deinit { mail.close() }

  /// Sends a request; the pieces of its answer end with it. A reader that goes away ends the transfer.
  ///
  /// - Parameters:
  ///   - silence: seconds after which a server that sends nothing is given up.
  ///   - clock: tells when a piece came.
  /// - Throws: `TransferFailure`, from the pieces.
  package func send(
    _ request: HTTPRequest, silence: Double, clock: @escaping @Sendable () -> UInt64
  ) -> AsyncThrowingStream<Piece, any Error> {
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: Piece.self)
    let id = mail.post(.init(request: request, silence: silence, clock: clock, continuation: continuation))
    continuation.onTermination = { [mail] reason in
      if case .cancelled = reason { mail.cancel(id) }
    }
    return stream
  }
}

/// What callers leave for the thread.
private final class TransferMail: Sendable {
  struct Letter: Sendable {
    var request: HTTPRequest
    var silence: Double
    var clock: @Sendable () -> UInt64
    var continuation: AsyncThrowingStream<TransferThread.Piece, any Error>.Continuation
  }

  struct Contents {
    var letters: [(id: Int, letter: Letter)] = []
    var cancelled: [Int] = []
    var isClosed = false
    var nextID = 0
    /// Why the thread ended before its time.
    var failure: TransferFailure?
  }

  private let contents = Mutex(Contents())
  private let bell: LoopBell

  init(bell: LoopBell) { self.bell = bell }

  func post(_ letter: Letter) -> Int {
    let (id, failure) = contents.withLock { contents in
      contents.nextID += 1
      if contents.failure == nil { contents.letters.append((contents.nextID, letter)) }
      return (contents.nextID, contents.failure)
    }
    if let failure { letter.continuation.finish(throwing: failure) }
    bell.ring()
    return id
  }

  func cancel(_ id: Int) {
    contents.withLock { $0.cancelled.append(id) }
    bell.ring()
  }

  func close() {
    contents.withLock { $0.isClosed = true }
    bell.ring()
  }

  func fail(_ failure: TransferFailure) {
    for (_, letter) in collect(failure: failure).letters { letter.continuation.finish(throwing: failure) }
  }

  func collect(failure: TransferFailure? = nil) -> Contents {
    contents.withLock { contents in
      defer {
        contents.letters = []
        contents.cancelled = []
      }
      if let failure { contents.failure = failure }
      return contents
    }
  }
}

/// The thread itself.
///
/// `@unchecked Sendable`: made by one thread and handed to the one that runs it, which alone touches it from then on.
private final class TransferRunner: @unchecked Sendable {
  let mail: TransferMail
  private let loop: TransferLoop
  private var active: [Int: PieceReceiver] = [:]
  private var isClosed = false

  init(_ loop: TransferLoop) {
    self.loop = loop
    mail = TransferMail(bell: loop.bell)
  }

  /// Until nobody can ask any more, and all answers have ended.
  func run() {
    loop.rung = { [unowned self] in collect() }
    do { try loop.run { isClosed && active.isEmpty } } catch {
      let failure = TransferFailure(.other, "\(error)")
      for receiver in active.values { receiver.finish(failure) }
      mail.fail(failure)
    }
  }

  private func collect() {
    let contents = mail.collect()
    isClosed = contents.isClosed
    for (id, letter) in contents.letters {
      let receiver = PieceReceiver(letter, loop) { [unowned self] in active[id] = nil }
      active[id] = receiver
      receiver.begin()
    }
    for id in contents.cancelled { active[id]?.finish(nil) }
  }
}

/// Hands on what comes of one transfer.
private final class PieceReceiver: TransferReceiver {
  private let letter: TransferMail.Letter
  private unowned let loop: TransferLoop
  private let done: () -> Void
  private var transfer: Transfer?
  private var timer: LoopTimer?
  private var lastByte: UInt64 = 0
  private var hasPiece = false

  init(_ letter: TransferMail.Letter, _ loop: TransferLoop, done: @escaping () -> Void) {
    self.letter = letter
    self.loop = loop
    self.done = done
  }

  func begin() {
    lastByte = loop.now
    transfer = loop.start(letter.request, receiver: self)
    watch()
  }

  func finish(_ failure: TransferFailure?) {
    if let timer { loop.cancel(timer) }
    if let transfer { loop.cancel(transfer) }
    timer = nil
    transfer = nil
    letter.continuation.finish(throwing: failure)
    done()
  }

  func received(_ bytes: UnsafeRawBufferPointer, of transfer: Transfer) {
    lastByte = loop.now
    give(Array(bytes), transfer)
  }

  func ended(_ transfer: Transfer, failure: TransferFailure?) {
    if failure == nil, !hasPiece { give([], transfer) }
    finish(failure)
  }

  private func give(_ bytes: [UInt8], _ transfer: Transfer) {
    hasPiece = true
    letter.continuation.yield(.init(head: transfer.head, bytes: bytes, time: letter.clock()))
  }

  /// Looks again when it rings, so that a byte that comes moves nothing.
  private func watch() {
    let silence = UInt64(min(max(0, letter.silence), 1e9) * 1e9)
    timer = loop.at(lastByte + silence) { [self] in
      guard loop.now >= lastByte + silence else { return watch() }
      finish(TransferFailure(.timeout, "nothing came for \(letter.silence) s"))
    }
  }
}
