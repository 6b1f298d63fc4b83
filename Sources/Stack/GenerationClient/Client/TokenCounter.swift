/// Finds how many tokens each piece of an answer brings, by the surest that the server tells.
///
/// Token ids count themselves. Continuous usage tells of the choice in the chunk how many it has so far. Else chunks with text
/// are counted, and the usage at the end corrects their number: see `settle`.
struct TokenCounter {
  private let usage: ServerQuirks.Usage
  private var counting = TokenCounting.chunks
  private var lastTokens: [Int]
  /// What the usage at the end says of all choices together.
  private var total: Int?
  /// And of single ones.
  private var totals: [Int?]
  private(set) var hasTokens = false

  init(outputs: Int, usage: ServerQuirks.Usage) {
    self.usage = usage
    lastTokens = Array(repeating: 0, count: outputs)
    totals = Array(repeating: nil, count: outputs)
  }

  /// Of the piece that was taken last.
  func lastTokens(of choice: Int) -> Int { lastTokens[choice] }

  /// - Parameter time: when it came; nil: it is a whole answer, whose tokens have no times.
  mutating func take(_ chunk: CompletionChunk, at time: UInt64?, into outcome: inout RequestOutcome, keepsText: Bool) {
    if let usage = chunk.usage { take(usage, of: chunk.choices, isStream: time != nil, into: &outcome) }
    for choice in chunk.choices {
      let index = choice.index
      let tokens = count(choice, chunk, before: outcome.choices[index].tokens, isStream: time != nil)
      lastTokens[index] = tokens
      if keepsText { outcome.choices[index].text += choice.text }
      if let reason = choice.finishReason { outcome.choices[index].finishReason = reason }
      guard tokens > 0 else { continue }
      hasTokens = true
      outcome.choices[index].take(tokens: tokens, at: time)
    }
  }

  private mutating func take(
    _ usage: CompletionChunk.Usage, of choices: [CompletionChunk.Choice], isStream: Bool,
    into outcome: inout RequestOutcome
  ) {
    outcome.promptTokens = usage.promptTokens ?? outcome.promptTokens
    outcome.cachedPromptTokens = usage.cachedTokens ?? outcome.cachedPromptTokens
    guard let tokens = usage.completionTokens else { return }
    switch self.usage {
    case .perChoice where isStream && choices.count == 1: totals[choices[0].index] = tokens
    case .perChoice where isStream: total = (total ?? 0) + tokens
    case .continuous where isStream && !choices.isEmpty: break
    default: total = tokens
    }
  }

  private mutating func count(
    _ choice: CompletionChunk.Choice, _ chunk: CompletionChunk, before: Int, isStream: Bool
  ) -> Int {
    if let count = choice.tokenCount {
      counting = .ids
      return count
    }
    // A server that tells ids tells them with each piece that has tokens.
    if counting == .ids { return 0 }
    if usage == .continuous, isStream, chunk.choices.count == 1, let told = chunk.usage?.completionTokens {
      counting = .usage
      return max(0, told - before)
    }
    return choice.hasText ? 1 : 0
  }

  /// Corrects the counts by the usage at the end, where chunks had to be counted.
  ///
  /// A stop token has no text of its own, but it came with the chunk that tells of the end. What is missing beyond that is given to the
  /// choices in proportion to their chunks, for the usage is of all of them.
  mutating func settle(_ outcome: inout RequestOutcome) {
    outcome.counting = counting
    guard counting == .chunks else { return }
    for (index, tokens) in totals.enumerated() {
      guard let tokens else { continue }
      outcome.counting = .usage
      outcome.choices[index].settle(tokens)
    }
    guard let total else { return }
    outcome.counting = .usage
    let missing = total - outcome.outputTokens
    guard missing != 0 else { return }
    let stopped = outcome.choices.indices.filter { index in
      outcome.choices[index].finishReason.map { $0 != "length" } ?? false
    }
    if missing == stopped.count {
      for index in stopped { outcome.choices[index].settle(outcome.choices[index].tokens + 1) }
      return
    }
    let sum = outcome.outputTokens
    var (before, given) = (0, 0)
    for index in outcome.choices.indices {
      before += sum > 0 ? outcome.choices[index].tokens : 1
      // Shares of a running sum, so that the parts add up to the whole.
      let upTo = total * before / max(1, sum > 0 ? sum : outcome.choices.count)
      outcome.choices[index].settle(upTo - given)
      given = upTo
    }
  }
}

extension ChoiceOutcome {
  fileprivate mutating func take(tokens more: Int, at time: UInt64?) {
    tokens += more
    chunks += 1
    guard let time else { return }
    if let lastToken {
      gaps.append(Gap(nanoseconds: time - lastToken, tokens: more))
    } else {
      firstToken = time
    }
    lastToken = time
  }

  /// Replaces a count of chunks by one of tokens.
  fileprivate mutating func settle(_ count: Int) {
    // The chunk with the reason brought the stop token.
    if count == tokens + 1, let finishReason, finishReason != "length" { chunks += 1 }
    tokens = max(0, count)
  }
}
