internal import Generation
package import GenerationClient
package import ModelFiles
internal import Statistics

extension LoadRequests {
  /// The request of one turn.
  ///
  /// - Parameters:
  ///   - session: its number, from 0; those behind the last of the source begin it anew.
  ///   - n: outputs.
  ///   - history: the earlier turns of the session, and the answers to them.
  ///   - lengths: what the server has told of lengths.
  package func request(
    session: Int, turn: Int, n: Int, history: [ChatMessage] = [], lengths: PromptLengths
  ) -> LoadRequest {
    let range = sessions[session % sessions.count]
    let place = self.turns[range.lowerBound + turn]
    let number = session &* Self.mostTurns &+ turn
    var made = LoadRequest(
      request: ClientRequest(
        prompt: .text(""), sampling: sampling(place, n: n, number: number), endpoint: shape.endpoint,
        keepsText: turn + 1 < range.count),
      outputTokens: place.outputTokens)
    if let ids = ids(place, session: session, number: number) {
      made.request.prompt = .tokens(ids)
      made.promptTokens = ids.count
      return made
    }
    let front = front(session)
    var own: String
    switch place.prompt {
    case .text(let text):
      own = text
      if history.isEmpty, passages == nil, let tokens = place.promptTokens { made.promptTokens = tokens + systemTokens }
    case .length(let length):
      let words = max(1, lengths.words(of: length + systemTokens) - systemTokens)
      own = self.words.text(words, stream: stream(number, 0))
      if history.isEmpty, passages == nil {
        made.promptTokens = length + systemTokens
        made.words = words + systemTokens
      }
    }
    if let passages, turn == 0 {
      own = Self.question(own, behind: passages.draw(session).map { passages.passages[$0] })
    }
    made.request.prompt = prompt(front, history, own)
    return made
  }

  /// What the next turn is to repeat of this one.
  package func history(after request: ClientRequest, answer: String, _ history: [ChatMessage]) -> [ChatMessage] {
    let asked: String =
      switch request.prompt {
      case .messages(let messages): messages.last?.content ?? ""
      case .text(let text): text
      case .tokens: ""
      }
    let answer = ChatMessage(role: "assistant", content: answer)
    // The text of a completion already holds all that went before it.
    return request.endpoint == .chat
      ? history + [ChatMessage(role: "user", content: asked), answer]
      : [ChatMessage(role: "user", content: asked), answer]
  }

  /// More turns than any session has, so that each turn has a number of its own.
  private static let mostTurns = 1 << 20

  private var systemTokens: Int { if case .system(let tokens, _) = shape.prefix { tokens } else { 0 } }

  private func stream(_ number: Int, _ part: UInt64) -> UInt64 {
    seed ^ (UInt64(truncatingIfNeeded: number) &* 4 &+ part &+ 1) &* 0xD1B5_4A32_D192_ED03
  }

  private func sampling(_ turn: Turn, n: Int, number: Int) -> SamplingParameters {
    var sampling = shape.sampling
    sampling.n = n
    sampling.maxTokens = turn.outputTokens
    if shape.outputLengths == .fixed {
      sampling.minTokens = turn.outputTokens
      sampling.ignoreEOS = true
    }
    if let seed = sampling.seed {
      var random = SplitMix64(seed: seed ^ UInt64(truncatingIfNeeded: number))
      // Of 31 bits, which every server takes.
      sampling.seed = random.next() >> 33
    }
    return sampling
  }

  /// A prompt of token ids, where it is to be one; nil: it is of words.
  private func ids(_ turn: Turn, session: Int, number: Int) -> [Int32]? {
    guard case .length(let length) = turn.prompt, shape.synthetic == .ids, shape.endpoint == .completions,
      shape.sessions == nil, passages == nil, let vocabulary
    else { return nil }
    let own = SyntheticTokens.ids(length, vocabulary: vocabulary, seed: seed, number: number)
    guard case .system(let tokens, let distinct) = shape.prefix else { return own }
    return SyntheticTokens.ids(tokens, vocabulary: vocabulary, seed: ~seed, number: session % max(1, distinct)) + own
  }

  /// The system prompt of a session.
  private func front(_ session: Int) -> String? {
    guard case .system(let tokens, let distinct) = shape.prefix else { return nil }
    return words.text(tokens, stream: stream(session % max(1, distinct), 1))
  }

  private func prompt(_ front: String?, _ history: [ChatMessage], _ own: String) -> GenerationRequest.Prompt {
    if shape.endpoint == .chat {
      let system = front.map { [ChatMessage(role: "system", content: $0)] } ?? []
      return .messages(system + history + [ChatMessage(role: "user", content: own)])
    }
    guard history.isEmpty else { return .text(history.map(\.content).joined() + "\n\n" + own) }
    return .text(front.map { "\($0) \(own)" } ?? own)
  }

  /// As pipelines of retrieval put it.
  private static func question(_ question: String, behind passages: [String]) -> String {
    let numbered = passages.enumerated().map { "[\($0.offset + 1)] \($0.element)" }.joined(separator: "\n\n")
    return "Answer the question from the passages.\n\n\(numbered)\n\nQuestion: \(question)\nAnswer:"
  }
}
