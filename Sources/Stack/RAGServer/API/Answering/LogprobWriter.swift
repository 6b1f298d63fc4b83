internal import Generation
internal import JSON
internal import Tokenizers

/// Log probabilities in the forms of the two endpoints.
struct LogprobWriter: Sendable {
  private let model: ServedModel
  private let endpoint: GenerationCall.Endpoint
  /// The most alternatives at a place.
  private let top: Int
  private let namesTokensByID: Bool

  /// Nil if none are wanted.
  init?(_ call: GenerationCall, _ model: ServedModel) {
    guard let top = call.sampling.logprobs else { return nil }
    self.model = model
    self.top = top
    namesTokensByID = call.namesTokensByID
    endpoint = call.endpoint
  }

  /// - Parameter offset: where the first token's text begins in the output, in scalars; it is moved behind the last.
  func append(_ logprobs: [TokenLogprob], offset: inout Int, to output: inout [UInt8]) {
    switch endpoint {
    case .completions: appendLists(logprobs, offset: &offset, to: &output)
    case .chat: appendObjects(logprobs, to: &output)
    }
  }

  private func text(_ token: Int32) -> String {
    namesTokensByID ? "token_id:\(token)" : model.tokenizer.decode([token], skipSpecialTokens: false)
  }

  /// JSON has no infinity; vLLM and OpenAI write this for one.
  private func append(_ logprob: Float, to output: inout [UInt8]) {
    output += String(logprob.isFinite ? max(logprob, -9999) : -9999).utf8
  }

  // MARK: - Completions

  private func appendLists(_ logprobs: [TokenLogprob], offset: inout Int, to output: inout [UInt8]) {
    let texts = logprobs.map { text($0.token) }
    output += #"{"text_offset":"#.utf8
    appendList(texts, to: &output) { text, output in
      JSONText.append(offset, to: &output)
      offset += text.unicodeScalars.count
    }
    output += #","token_logprobs":"#.utf8
    appendList(logprobs, to: &output) { append($0.logprob, to: &$1) }
    output += #","tokens":"#.utf8
    appendList(texts, to: &output) { JSONText.append($0, to: &$1) }
    output += #","top_logprobs":"#.utf8
    appendList(logprobs, to: &output) { appendMembers($0, to: &$1) }
    output.append(UInt8(ascii: "}"))
  }

  /// The chosen token and the most probable ones. Ids may have equal texts, and an object has a name once: the more
  /// probable stays.
  private func appendMembers(_ logprob: TokenLogprob, to output: inout [UInt8]) {
    var texts = [text(logprob.token)]
    output.append(UInt8(ascii: "{"))
    JSONText.append(texts[0], to: &output)
    output.append(UInt8(ascii: ":"))
    append(logprob.logprob, to: &output)
    for other in logprob.top.prefix(top) where other.token != logprob.token {
      let text = text(other.token)
      if texts.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { continue }
      texts.append(text)
      output.append(UInt8(ascii: ","))
      JSONText.append(text, to: &output)
      output.append(UInt8(ascii: ":"))
      append(other.logprob, to: &output)
    }
    output.append(UInt8(ascii: "}"))
  }

  // MARK: - Chat

  private func appendObjects(_ logprobs: [TokenLogprob], to output: inout [UInt8]) {
    output += #"{"content":"#.utf8
    appendList(logprobs, to: &output) { logprob, output in
      appendFields(logprob.token, logprob.logprob, to: &output)
      output += #","top_logprobs":"#.utf8
      appendList(logprob.top.prefix(top), to: &output) { other, output in
        appendFields(other.token, other.logprob, to: &output)
        output.append(UInt8(ascii: "}"))
      }
      output.append(UInt8(ascii: "}"))
    }
    output.append(UInt8(ascii: "}"))
  }

  private func appendFields(_ token: Int32, _ logprob: Float, to output: inout [UInt8]) {
    let text = text(token)
    output += #"{"token":"#.utf8
    JSONText.append(text, to: &output)
    output += #","logprob":"#.utf8
    append(logprob, to: &output)
    output += #","bytes":"#.utf8
    JSONText.append(text.utf8, to: &output)
  }

  private func appendList<Element>(
    _ elements: some Sequence<Element>, to output: inout [UInt8], _ append: (Element, inout [UInt8]) -> Void
  ) {
    output.append(UInt8(ascii: "["))
    var isFirst = true
    for element in elements {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      append(element, &output)
    }
    output.append(UInt8(ascii: "]"))
  }
}
