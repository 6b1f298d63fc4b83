package import Generation
internal import JSON

/// Gathers the events of a call's outputs into one body.
package struct WholeAnswer: Sendable {
  private struct Choice: Sendable {
    var text = ""
    var ids: [Int32] = []
    var logprobs: [TokenLogprob] = []
    var reason: FinishReason?
  }

  private let frame: AnswerFrame
  private let logprobs: LogprobWriter?
  private let stops: StopFinder
  private var choices: [Choice]
  private var cachedTokens = 0
  private var openPrompts: Int

  /// As a streamed answer's.
  package init(call: GenerationCall, model: ServedModel, promptTokens: [[Int32]], id: String, created: Int) {
    frame = AnswerFrame(
      call: call, model: model, promptTokens: promptTokens, id: id, created: created,
      object: call.endpoint == .chat ? "chat.completion" : "text_completion")
    logprobs = LogprobWriter(call, model)
    stops = StopFinder(call, model)
    choices = Array(repeating: Choice(), count: call.choiceCount)
    openPrompts = call.prompts.count
  }

  /// Whether every prompt's last event has come.
  package var isComplete: Bool { openPrompts == 0 }

  package mutating func take(_ event: GenerationEvent, ofPrompt prompt: Int) {
    let first = prompt * frame.call.sampling.n
    switch event {
    case .tokens(let choice, let ids, let text, let logprobs):
      choices[first + choice].ids += ids
      choices[first + choice].text += text
      choices[first + choice].logprobs += logprobs
    case .finished(let choice, let reason): choices[first + choice].reason = reason
    case .usage(_, _, let cached):
      cachedTokens += cached
      openPrompts -= 1
    }
  }

  package func body() -> [UInt8] {
    var output = frame.head
    for place in choices.indices {
      if place > 0 { output.append(UInt8(ascii: ",")) }
      append(place, to: &output)
    }
    output.append(UInt8(ascii: "]"))
    frame.appendFingerprint(to: &output)
    output += #","usage":"#.utf8
    let usage = TokenUsage(
      prompt: frame.promptCounts.reduce(0, +), completion: choices.reduce(0) { $0 + $1.ids.count },
      cached: cachedTokens)
    usage.append(to: &output)
    if frame.call.endpoint == .chat {
      output += #","prompt_token_ids":"#.utf8
      frame.appendPromptIDs(0, to: &output)
    }
    output.append(UInt8(ascii: "}"))
    return output
  }

  private func append(_ place: Int, to output: inout [UInt8]) {
    let choice = choices[place]
    let prompt = place / frame.call.sampling.n
    output += #"{"index":"#.utf8
    JSONText.append(place, to: &output)
    switch frame.call.endpoint {
    case .completions:
      output += #","text":"#.utf8
      JSONText.append(frame.call.echoes ? frame.echoes[prompt] + choice.text : choice.text, to: &output)
    case .chat:
      output += #","message":{"role":"assistant","content":"#.utf8
      JSONText.append(choice.text, to: &output)
      output += #","refusal":null}"#.utf8
    }
    output += #","logprobs":"#.utf8
    if let logprobs {
      var offset = 0
      logprobs.append(choice.logprobs, offset: &offset, to: &output)
    } else {
      output += "null".utf8
    }
    AnswerFrame.appendReason(
      choice.reason, choice.reason.flatMap { stops.cause(of: $0, tail: choice.ids) }, to: &output)
    output += #","token_ids":"#.utf8
    frame.appendIDs(choice.ids, to: &output)
    if frame.call.endpoint == .completions {
      output += #","prompt_token_ids":"#.utf8
      frame.appendPromptIDs(prompt, to: &output)
    }
    output.append(UInt8(ascii: "}"))
  }
}
