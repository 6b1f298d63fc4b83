/// Finds how many tokens each piece of an answer brings, by the surest that the server tells.
///
/// Token ids count themselves. Continuous usage tells of the choice in the chunk how many it has so far (vLLM and SGLang count
/// for each choice). Usage at the end corrects a count of chunks: see `settle`.
struct TokenCounter {
  private var counting = TokenCounting.chunks
  private var lastTokens: [Int]
  /// By usage so far, for each choice.
  private var told: [Int]
  /// Chunks with text, for each choice.
  private var total: Int?
  private(set) var hasTokens = false

  init(outputs: Int) {
    lastTokens = Array(repeating: 0, count: outputs)
    told = lastTokens
  }

  /// Of the piece that was taken last.
  func lastTokens(of choice: Int) -> Int { lastTokens[choice] }

  mutating func take(_ chunk: CompletionChunk, at time: UInt64?, into outcome: inout RequestOutcome, keepsText: Bool) {
    if let usage = chunk.usage {
      outcome.promptTokens = usage.promptTokens ?? outcome.promptTokens
      outcome.cachedPromptTokens = usage.cachedTokens ?? outcome.cachedPromptTokens
      if chunk.choices.isEmpty || time == nil { total = usage.completionTokens ?? total }
    }
    for choice in chunk.choices {
      let index = choice.index
      let tokens = count(choice, chunk, outputs: outcome.choices.count, isStream: time != nil)
      lastTokens[index] = tokens
      if keepsText { outcome.choices[index].text += choice.text }
      if let reason = choice.finishReason { outcome.choices[index].finishReason = reason }
      guard tokens > 0 else { continue }
      hasTokens = true
      outcome.choices[index].tokens += tokens
      outcome.choices[index].chunks += 1
      guard let time else { continue }
      if let last = outcome.choices[index].lastToken {
        outcome.choices[index].gaps.append(.init(nanoseconds: time - last, tokens: tokens))
      } else {
        outcome.choices[index].firstToken = time
      }
      outcome.choices[index].lastToken = time
    }
  }

  private mutating func count(
    _ choice: CompletionChunk.Choice, _ chunk: CompletionChunk, outputs: Int, isStream: Bool
  ) -> Int {
    if let count = choice.tokenCount {
      counting = .ids
      return count
    }
    // A server that tells ids tells them with each piece that has tokens.
    if counting == .ids { return 0 }
    if let told = chunk.usage?.completionTokens, isStream, chunk.choices.count == 1 {
      counting = .usage
      let before = self.told[choice.index]
      self.told[choice.index] = max(before, told)
      return max(0, told - before)
    }
    return choice.hasText ? 1 : 0
  }

  /// Corrects the counts by the usage at the end, where chunks had to be counted.
  ///
  /// A choice that a stop token ended has one token without text. What is missing beyond that is given to the choices in
  /// proportion to their chunks, for the usage is of all of them.
  mutating func settle(_ outcome: inout RequestOutcome) {
    outcome.counting = counting
    guard counting == .chunks, let total else { return }
    outcome.counting = .usage
    var missing = total - outcome.outputTokens
    let stopped = outcome.choices.indices.filter { outcome.choices[$0].finishReason == "stop" }
    if missing == stopped.count {
      for index in stopped { outcome.choices[index].tokens += 1 }
      return
    }
    let chunks = outcome.choices.map(\.tokens)
    let sum = max(1, chunks.reduce(0, +))
    for index in outcome.choices.indices {
      let share = index == outcome.choices.count - 1 ? missing : (total - sum) * chunks[index] / sum
      let given = max(-outcome.choices[index].tokens, share)
      outcome.choices[index].tokens += given
      missing -= given
    }
  }
}
