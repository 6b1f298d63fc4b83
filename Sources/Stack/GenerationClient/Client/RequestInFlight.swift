internal import Generation
package import HTTP

/// A request on its way, through all its attempts.
package final class RequestInFlight {
  /// What the answer to the attempt under way is.
  enum Answer {
    /// Nothing has come.
    case awaited
    case stream
    /// A whole answer, or an error's page.
    case whole([UInt8])
  }

  let client: CompletionClient
  let request: ClientRequest
  let progress: ((RequestProgress) -> Void)?
  private var finished: ((RequestOutcome) -> Void)?
  var outcome: RequestOutcome
  var counter: TokenCounter
  var answer = Answer.awaited
  var parser: SSEParser
  var chunk = CompletionChunk()
  private var body: [UInt8] = []
  private var transfer: Transfer?
  private var timer: LoopTimer?
  private var attemptBegan: UInt64 = 0
  var lastByte: UInt64 = 0
  /// `data: [DONE]` came.
  var isDone = false

  init(
    _ request: ClientRequest, intended: UInt64, client: CompletionClient, progress: ((RequestProgress) -> Void)?,
    finished: @escaping (RequestOutcome) -> Void
  ) {
    self.client = client
    self.request = request
    self.progress = progress
    self.finished = finished
    let outputs = max(0, request.sampling.n)
    outcome = RequestOutcome(status: .cancelled, intended: intended, ended: intended, outputs: outputs)
    counter = TokenCounter(outputs: outputs, usage: client.server.quirks.usage)
    parser = SSEParser(limit: client.options.longestEvent)
  }

  var loop: TransferLoop { client.loop }
  var hasEnded: Bool { finished == nil }

  func begin() {
    do throws(ClientError) {
      body = try RequestBody(request, server: client.server, model: client.model, streams: client.options.streams).bytes
      attempt()
    } catch {
      let failure = RequestFailure(.other, error.description)
      timer = loop.at(loop.now) { [self] in end(.failed(failure)) }
    }
  }

  private func attempt() {
    outcome.attempts += 1
    answer = .awaited
    var http = HTTPRequest(url: client.server.url(request.endpoint), headers: client.headers, body: body)
    http.connectTimeout = client.options.connectTimeout
    attemptBegan = loop.now
    if outcome.sent == nil { outcome.sent = attemptBegan }
    transfer = loop.start(http, receiver: self)
    watch()
  }

  /// Ends the request and tells of it, if that has not been done.
  func end(_ status: RequestOutcome.Status) {
    guard let finished else { return }
    self.finished = nil
    if let timer { loop.cancel(timer) }
    if let transfer { loop.cancel(transfer) }
    timer = nil
    transfer = nil
    outcome.status = status
    outcome.ended = loop.now
    counter.settle(&outcome)
    finished(outcome)
  }

  func fail(_ kind: RequestFailure.Kind, _ reason: String, status: Int? = nil) {
    end(.failed(RequestFailure(kind, client.redacted(reason), httpStatus: status)))
  }

  // MARK: - Time

  /// One timer for the nearest limit: it looks again when it rings, so that a byte that comes moves nothing.
  func watch() {
    if let timer { loop.cancel(timer) }
    timer = loop.at(limit().time) { [self] in
      let (time, kind, reason) = limit()
      guard loop.now >= time else { return watch() }
      // Everything has come but the end of the connection's answer.
      if isDone, isComplete { end(.completed) } else { fail(kind, reason) }
    }
  }

  private func limit() -> (time: UInt64, kind: RequestFailure.Kind, reason: String) {
    let options = client.options
    func later(_ time: UInt64, _ seconds: Double) -> UInt64 { time + UInt64(min(max(0, seconds), 1e9) * 1e9) }
    let whole = later(outcome.sent ?? attemptBegan, options.requestTimeout)
    let (time, kind, reason): (UInt64, RequestFailure.Kind, String) =
      if counter.hasTokens {
        (
          later(lastByte, options.silenceTimeout), .stalled,
          "nothing came for \(options.silenceTimeout) s; raise the silence timeout if the server may pause so long"
        )
      } else {
        (
          later(attemptBegan, options.firstTokenTimeout), .timeout,
          "no token came within \(options.firstTokenTimeout) s; raise the first-token timeout if the server queues so long"
        )
      }
    if whole <= time {
      return (whole, .timeout, "the answer was not whole after \(options.requestTimeout) s; raise the request timeout")
    }
    return (time, kind, reason)
  }

  // MARK: - Again

  /// Puts the request again after a pause, if it may succeed then and nothing of an answer has come.
  ///
  /// - Returns: false where it is not to be put again.
  private func retry(asked: Double?) -> Bool {
    guard !counter.hasTokens,
      let pause = client.options.retries.pause(after: outcome.attempts, asked: asked, random: client.nextJitter())
    else { return false }
    if let timer { loop.cancel(timer) }
    timer = loop.at(loop.now + UInt64(pause * 1e9)) { [self] in attempt() }
    return true
  }
}

extension RequestInFlight: TransferReceiver {
  package func received(_ bytes: UnsafeRawBufferPointer, of transfer: Transfer) {
    lastByte = loop.now
    outcome.receivedBytes += bytes.count
    take(bytes, head: transfer.head)
  }

  package func ended(_ transfer: Transfer, failure: TransferFailure?) {
    self.transfer = nil
    guard !hasEnded else { return }
    if isDone || failure == nil, isComplete { return end(.completed) }
    if let failure { return broken(failure) }
    switch answer {
    case .whole(let bytes):
      guard transfer.head.status != 200 else { return takeWhole(bytes) }
      refused(transfer.head, bytes)
    case .awaited where transfer.head.status != 200: refused(transfer.head, [])
    case .awaited: fail(.truncated, "the server answered 200 without a body")
    case .stream: fail(.truncated, "the stream ended before every output had")
    }
  }

  private func broken(_ failure: TransferFailure) {
    if failure.kind == .refused || failure.kind == .reset, case .awaited = answer, retry(asked: nil) { return }
    fail(RequestFailure.Kind(failure.kind), failure.description)
  }

  private func refused(_ head: HTTPHead, _ page: [UInt8]) {
    let asked = head.headers["retry-after"].flatMap { HTTPDate.seconds(until: $0, from: client.date()) }
    if Backoff.isTransient(head.status), retry(asked: asked) { return }
    page.withUnsafeBytes { bytes in
      let isRead = (try? chunk.read(bytes, keepsText: false)) != nil
      let words = String(decoding: bytes.prefix(300), as: UTF8.self)
      let told = isRead && chunk.error != CompletionChunk.unexplained ? chunk.error : nil
      let message = told ?? words
      fail(.http, "HTTP status \(head.status)\(message.isEmpty ? "" : ": \(message)")", status: head.status)
    }
  }
}
