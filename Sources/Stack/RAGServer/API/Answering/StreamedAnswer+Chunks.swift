internal import Generation
internal import JSON

extension StreamedAnswer {
  /// What one event says of a choice.
  struct Chunk {
    var place: Int
    var prompt: Int
    var ids: [Int32]
    var text: String
    var logprobs: [TokenLogprob]
    var reason: FinishReason?
    var cause: StopCause?
  }

  private func begin(_ output: inout [UInt8]) {
    output += "data: ".utf8
    output += frame.head
  }

  private func end(_ output: inout [UInt8]) { output += "}\n\n".utf8 }

  mutating func appendText(_ chunk: Chunk, to output: inout [UInt8]) {
    let isFirst = !choices[chunk.place].hasBegun
    begin(&output)
    output += #"{"index":"#.utf8
    JSONText.append(chunk.place, to: &output)
    output += #","text":"#.utf8
    JSONText.append(isFirst && frame.call.echoes ? frame.echoes[chunk.prompt] + chunk.text : chunk.text, to: &output)
    appendLogprobs(chunk, to: &output)
    AnswerFrame.appendReason(chunk.reason, chunk.cause, to: &output)
    output += #","prompt_token_ids":"#.utf8
    if isFirst { frame.appendPromptIDs(chunk.prompt, to: &output) } else { output += "null".utf8 }
    finish(chunk, &output)
  }

  mutating func appendDelta(_ chunk: Chunk, to output: inout [UInt8]) {
    begin(&output)
    output += #"{"index":"#.utf8
    JSONText.append(chunk.place, to: &output)
    output += #","delta":{"content":"#.utf8
    JSONText.append(chunk.text, to: &output)
    output.append(UInt8(ascii: "}"))
    appendLogprobs(chunk, to: &output)
    AnswerFrame.appendReason(chunk.reason, chunk.cause, to: &output)
    finish(chunk, &output)
  }

  private mutating func appendLogprobs(_ chunk: Chunk, to output: inout [UInt8]) {
    output += #","logprobs":"#.utf8
    guard let logprobs, !chunk.logprobs.isEmpty else {
      output += "null".utf8
      return
    }
    logprobs.append(chunk.logprobs, offset: &choices[chunk.place].offset, to: &output)
  }

  private func finish(_ chunk: Chunk, _ output: inout [UInt8]) {
    output += #","token_ids":"#.utf8
    frame.appendIDs(chunk.ids, to: &output)
    output += "}]".utf8
    appendRunningUsage(chunk.place, chunk.prompt, to: &output)
    // As vLLM: once, on what ends a choice or the stream.
    if chunk.reason != nil, !frame.call.includesUsage { frame.appendFingerprint(to: &output) }
    end(&output)
  }

  private func appendRunningUsage(_ place: Int, _ prompt: Int, to output: inout [UInt8]) {
    guard frame.call.continuousUsage else { return }
    output += #","usage":"#.utf8
    TokenUsage(prompt: frame.promptCounts[prompt], completion: choices[place].tokens).append(to: &output)
  }

  /// One for each choice, ahead of all their texts.
  func appendRoles(to output: inout [UInt8]) {
    for place in choices.indices {
      begin(&output)
      output += #"{"index":"#.utf8
      JSONText.append(place, to: &output)
      output += #","delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]"#.utf8
      output += #","prompt_token_ids":"#.utf8
      let prompt = place / frame.call.sampling.n
      frame.appendPromptIDs(prompt, to: &output)
      appendRunningUsage(place, prompt, to: &output)
      end(&output)
    }
  }

  /// The chunk without choices that counts everything.
  func appendUsage(cached: Int, to output: inout [UInt8]) {
    begin(&output)
    output += #"],"usage":"#.utf8
    let usage = TokenUsage(
      prompt: frame.promptCounts.reduce(0, +), completion: choices.reduce(0) { $0 + $1.tokens }, cached: cached)
    usage.append(to: &output)
    frame.appendFingerprint(to: &output)
    end(&output)
  }
}
