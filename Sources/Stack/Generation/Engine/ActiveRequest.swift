internal import Tokenizers

/// A request on its way: the texts of its outputs, and who reads them.
struct ActiveRequest {
  private struct Choice {
    var text: ChoiceText
    var tokens = 0
    var logprobs = 0.0
    /// What is told only when the best outputs are known.
    var held: [GenerationEvent] = []
    var isFinished = false

    /// Per token, so that long outputs are not at a disadvantage.
    var meanLogprob: Double { logprobs / Double(max(1, tokens)) }
  }

  private let sink: any GenerationSink
  /// What the sink knows the request by.
  private let tag: Int
  private let sampling: SamplingParameters
  private let stopTokens: Set<Int32>
  let promptTokens: Int
  private var choices: [Choice]
  private(set) var unfinished: Int
  /// Whether it is still among those that wait to be let in.
  var waits = true
  /// The last step in which its sink was told something.
  private var lastStep = -1
  let arrived: ContinuousClock.Instant
  /// When the step began that let it in.
  var admitted: ContinuousClock.Instant?

  init(_ arrival: EngineDoor.Arrival, endTokens: [Int32], tokenizer: any Tokenizer) {
    sink = arrival.sink
    tag = arrival.tag
    arrived = arrival.arrived
    sampling = arrival.sampling
    stopTokens = Set(sampling.stopTokens + (sampling.ignoreEOS ? [] : endTokens))
    promptTokens = arrival.prompt.count
    choices = (0..<sampling.choices).map { [sampling] _ in Choice(text: ChoiceText(tokenizer, sampling: sampling)) }
    unfinished = choices.count
  }

  private var holdsBack: Bool { sampling.choices > sampling.n }

  /// Tells the reader of a token.
  ///
  /// - Returns: whether a stop string in the text ends the output, which the engine does not know yet.
  mutating func take(_ outcome: TokenOutcome, _ logprob: TokenLogprob?) -> Bool {
    let index = outcome.choice.index
    guard !choices[index].isFinished else { return false }
    let isSilent = outcome.finished == .stop && stopTokens.contains(outcome.token)
    let (text, isStopped) = choices[index].text.append(
      outcome.token, isSilent: isSilent, isLast: outcome.finished != nil)
    choices[index].tokens += 1
    choices[index].logprobs += Double(logprob?.logprob ?? 0)
    let told = sampling.logprobs == nil ? [] : logprob.map { [$0] } ?? []
    tell(.tokens(choice: index, ids: [outcome.token], text: text, logprobs: told), of: index)
    guard let reason = isStopped ? .stop : outcome.finished else { return false }
    tell(.finished(choice: index, reason: reason), of: index)
    choices[index].isFinished = true
    unfinished -= 1
    return isStopped && outcome.finished == nil
  }

  private mutating func tell(_ event: GenerationEvent, of choice: Int) {
    if holdsBack { choices[choice].held.append(event) } else { sink.take(event, of: tag) }
  }

  /// All outputs have finished.
  func end(cachedTokens: Int) {
    let best = choices.indices.sorted { (-choices[$0].meanLogprob, $0) < (-choices[$1].meanLogprob, $1) }
    let given = holdsBack ? Array(best.prefix(sampling.n)) : Array(choices.indices)
    for (place, index) in given.enumerated() {
      for event in choices[index].held { sink.take(event.numbered(place), of: tag) }
    }
    let completion = given.reduce(0) { $0 + choices[$1].tokens }
    sink.take(
      .usage(promptTokens: promptTokens, completionTokens: completion, cachedTokens: cachedTokens), of: tag)
    sink.end(of: tag, nil)
  }

  func end(_ error: GenerationError) { sink.end(of: tag, error) }

  /// Its sink, the first time that a step asks.
  mutating func sinkToNotify(step: Int) -> (any GenerationSink)? {
    guard lastStep != step else { return nil }
    lastStep = step
    return sink
  }
}

extension GenerationEvent {
  /// The same of another choice.
  fileprivate func numbered(_ choice: Int) -> GenerationEvent {
    switch self {
    case .tokens(_, let ids, let text, let logprobs):
      .tokens(choice: choice, ids: ids, text: text, logprobs: logprobs)
    case .finished(_, let reason): .finished(choice: choice, reason: reason)
    case .usage: self
    }
  }
}
