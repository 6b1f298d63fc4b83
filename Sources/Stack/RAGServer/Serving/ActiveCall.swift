internal import Generation
internal import MicroHTTP
internal import Synchronization

/// A call of one of the generation endpoints on its way: hears of its prompts from the engine, and tells the client.
///
/// Events are gathered on the engine's thread and written once a step, without waiting: see `ResponseStream`.
final class ActiveCall: GenerationSink, OpenCall {
  private enum Ending {
    case complete
    case failed(APIError)
    case cancelled
  }

  private struct State {
    /// One of the two.
    var streamed: StreamedAnswer?
    var whole: WholeAnswer?
    var bytes: [UInt8] = []
    /// Of each prompt.
    var requests: [RequestMetrics]
    var openPrompts: Int
    /// When the step that is being told was told.
    var now: UInt64?
    var ticket: GenerationTicket?
    var stream: ResponseStream?
    /// The engine has taken the call in.
    var isAccepted = false
    var ending: Ending?
    /// The client was told the end, or is not there.
    var isOver = false
  }

  let number: Int
  private let registry: CallRegistry
  private let metrics: ServerMetrics
  private let route: Route
  private let responder: Responder
  private let clock: ServerClock
  private let state: Mutex<State>

  init(
    _ call: GenerationCall, model: ServedModel, prompts: [[Int32]], sampling: [SamplingParameters], number: Int,
    id: String, arrived: UInt64, core: ServerCore, responder: Responder
  ) {
    self.number = number
    self.responder = responder
    route = call.endpoint == .chat ? .chat : .completions
    registry = core.registry
    metrics = core.metrics
    clock = core.clock
    let created = core.clock.unixSeconds
    var state = State(
      requests: sampling.map { RequestMetrics(arrived: arrived, outputs: $0.n, maxTokens: $0.maxTokens) },
      openPrompts: prompts.count)
    if call.streams {
      state.streamed = StreamedAnswer(call: call, model: model, promptTokens: prompts, id: id, created: created)
    } else {
      state.whole = WholeAnswer(call: call, model: model, promptTokens: prompts, id: id, created: created)
    }
    self.state = Mutex(state)
  }

  // MARK: - From the engine

  func take(_ event: GenerationEvent, of tag: Int) {
    state.withLock { state in
      guard state.ending == nil else { return }
      let now = state.now ?? clock.nanoseconds
      state.now = now
      metrics.observe(event, of: &state.requests[tag], at: now)
      state.streamed?.take(event, ofPrompt: tag, into: &state.bytes)
      state.whole?.take(event, ofPrompt: tag)
    }
  }

  func end(of tag: Int, _ error: GenerationError?) {
    let rest = state.withLock { state -> GenerationTicket? in
      guard state.ending == nil else { return nil }
      if let error {
        state.ending = .failed(.internalError(error.description))
        return state.ticket
      }
      state.openPrompts -= 1
      if state.openPrompts == 0 { state.ending = .complete }
      return nil
    }
    rest?.cancel()
  }

  func stepEnded() { tell() }

  // MARK: - From the server

  /// The engine has taken the call in, and may have told something already.
  func accept(_ ticket: GenerationTicket) {
    let isLate = state.withLock { state in
      state.isAccepted = true
      state.ticket = ticket
      if case .failed = state.ending { return true }
      if state.streamed != nil, !state.isOver {
        state.stream = responder.stream(headers: ServerCore.streamHeaders)
        metrics.answered(handler: route.rawValue, method: route.method, status: 200)
      }
      return state.isOver
    }
    if isLate { ticket.cancel() }
    tell()
  }

  /// Ends the call with an error, unless it is over.
  func fail(_ error: APIError) {
    let ticket = state.withLock { state -> GenerationTicket? in
      guard state.ending == nil else { return nil }
      state.ending = .failed(error)
      return state.ticket
    }
    ticket?.cancel()
    tell()
  }

  /// The exchange with the client is over, well or not.
  func closed(_ end: ExchangeEnd) {
    let (ticket, isNew) = state.withLock { state -> (GenerationTicket?, Bool) in
      guard !state.isOver else { return (nil, false) }
      state.ending = .cancelled
      finish(&state, .cancelled)
      return (state.ticket, true)
    }
    ticket?.cancel()
    switch end {
    case .clientGone where isNew: metrics.clientLeft()
    case .tooSlow: metrics.droppedSlowReader()
    case .answered, .aborted, .clientGone: break
    }
    registry.closed(number: number)
  }

  // MARK: -

  /// Tells the client what has been gathered, and the end if it has come.
  private func tell() {
    state.withLock { state in
      state.now = nil
      guard state.isAccepted, !state.isOver else { return }
      if state.stream != nil { return tellStream(&state) }
      switch state.ending {
      case .complete:
        let body = state.whole?.body() ?? []
        finish(&state, .complete)
        responder.respond(status: 200, headers: ServerCore.jsonHeaders, body: body)
        metrics.answered(handler: route.rawValue, method: route.method, status: 200)
      case .failed(let error):
        finish(&state, .failed)
        responder.respond(error.response)
        metrics.answered(handler: route.rawValue, method: route.method, status: error.status)
      case .cancelled, nil: break
      }
    }
  }

  private func tellStream(_ state: inout State) {
    switch state.ending {
    case nil: state.streamed?.flush(into: &state.bytes)
    case .complete:
      state.streamed?.close(into: &state.bytes)
      finish(&state, .complete)
    case .failed(let error):
      state.streamed?.fail(error, into: &state.bytes)
      finish(&state, .failed)
    case .cancelled: return
    }
    if !state.bytes.isEmpty {
      // A reader that is gone is told by `closed`.
      state.bytes.withUnsafeBytes { _ = state.stream?.write($0) }
      state.bytes.removeAll(keepingCapacity: true)
    }
    if state.isOver { state.stream?.finish() }
  }

  /// The end, before the client is told: who has heard of it may come back at once.
  private func finish(_ state: inout State, _ ending: ServerMetrics.Ending) {
    state.isOver = true
    let now = clock.nanoseconds
    for prompt in state.requests.indices { metrics.finish(&state.requests[prompt], ending, at: now) }
    registry.isOver()
  }
}
