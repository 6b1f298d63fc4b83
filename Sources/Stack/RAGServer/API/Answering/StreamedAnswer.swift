package import Generation

/// Writes the events of a call's outputs as server-sent events.
///
/// Every event of the engine with tokens becomes one chunk with its choice's index, even if its text is empty (half a
/// scalar, the beginning of a stop string, the end of the sequence): so does vLLM, and so a client sees each token at its
/// time, and counts it by ids or continuous usage. The role chunks of a chat come with the first event, not before: until
/// then, nothing has been promised.
///
/// Tokens are held until the next event tells whether they were their choice's last, for `finish_reason` belongs on that
/// chunk: **call `flush` when no event is at hand**, at the end of a step of the engine.
package struct StreamedAnswer: Sendable {
  struct Choice: Sendable {
    var tokens = 0
    var hasBegun = false
    /// Scalars of the tokens whose log probabilities were told.
    var offset = 0
    /// The last ids.
    var tail: [Int32] = []
  }

  private struct Held: Sendable {
    var place: Int
    var prompt: Int
    var ids: [Int32]
    var text: String
    var logprobs: [TokenLogprob]
  }

  let frame: AnswerFrame
  let logprobs: LogprobWriter?
  private let stops: StopFinder
  var choices: [Choice]
  private var held: Held?
  private var hasOpened = false
  private var cachedTokens = 0
  private var openPrompts: Int

  /// - Parameters:
  ///   - promptTokens: of each prompt of the call.
  ///   - id: "cmpl-…" or "chatcmpl-…".
  ///   - created: Unix seconds.
  package init(call: GenerationCall, model: ServedModel, promptTokens: [[Int32]], id: String, created: Int) {
    frame = AnswerFrame(
      call: call, model: model, promptTokens: promptTokens, id: id, created: created,
      object: call.endpoint == .chat ? "chat.completion.chunk" : "text_completion")
    logprobs = LogprobWriter(call, model)
    stops = StopFinder(call, model)
    choices = Array(repeating: Choice(), count: call.choiceCount)
    openPrompts = call.prompts.count
  }

  /// Whether every prompt's last event has come.
  package var isComplete: Bool { openPrompts == 0 }

  /// Appends what an event makes writable.
  ///
  /// - Parameter prompt: whose event it is; events of several prompts may come in any order.
  package mutating func take(_ event: GenerationEvent, ofPrompt prompt: Int, into bytes: inout [UInt8]) {
    if !hasOpened {
      hasOpened = true
      if frame.call.endpoint == .chat { appendRoles(to: &bytes) }
    }
    switch event {
    case .tokens(let choice, let ids, let text, let logprobs):
      flush(into: &bytes)
      held = Held(
        place: prompt * frame.call.sampling.n + choice, prompt: prompt, ids: ids, text: text, logprobs: logprobs)
    case .finished(let choice, let reason):
      let place = prompt * frame.call.sampling.n + choice
      if held?.place != place {
        flush(into: &bytes)
        held = Held(place: place, prompt: prompt, ids: [], text: "", logprobs: [])
      }
      write(reason, into: &bytes)
    case .usage(_, _, let cached):
      flush(into: &bytes)
      cachedTokens += cached
      openPrompts -= 1
    }
  }

  /// Appends the tokens that are held.
  package mutating func flush(into bytes: inout [UInt8]) { write(nil, into: &bytes) }

  /// Appends the end of a stream whose prompts are complete.
  package mutating func close(into bytes: inout [UInt8]) {
    flush(into: &bytes)
    if frame.call.includesUsage { appendUsage(cached: cachedTokens, to: &bytes) }
    bytes += "data: [DONE]\n\n".utf8
  }

  /// Appends the end of a stream that cannot go on.
  package mutating func fail(_ error: APIError, into bytes: inout [UInt8]) {
    flush(into: &bytes)
    bytes += "data: ".utf8
    bytes += error.body
    bytes += "\n\ndata: [DONE]\n\n".utf8
  }

  private mutating func write(_ reason: FinishReason?, into bytes: inout [UInt8]) {
    guard let held else { return }
    self.held = nil
    choices[held.place].tokens += held.ids.count
    stops.note(held.ids, in: &choices[held.place].tail)
    let chunk = Chunk(
      place: held.place, prompt: held.prompt, ids: held.ids, text: held.text, logprobs: held.logprobs, reason: reason,
      cause: reason.flatMap { stops.cause(of: $0, tail: choices[held.place].tail) })
    switch frame.call.endpoint {
    case .completions: appendText(chunk, to: &bytes)
    case .chat: appendDelta(chunk, to: &bytes)
    }
    choices[held.place].hasBegun = true
  }
}
