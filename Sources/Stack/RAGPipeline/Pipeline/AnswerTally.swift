internal import Generation

/// What a generator's events come to.
struct AnswerTally {
  private(set) var choices: [RAGAnswer.Choice]
  private(set) var promptTokens = 0
  private(set) var cachedTokens = 0
  private(set) var completionTokens = 0
  private var isFinished: [Bool]
  private let start: UInt64
  private var end: UInt64

  init(choices count: Int, start: UInt64) {
    choices = Array(repeating: RAGAnswer.Choice(), count: count)
    isFinished = Array(repeating: false, count: count)
    self.start = start
    end = start
  }

  var isComplete: Bool { isFinished.allSatisfy { $0 } }

  /// - Throws: `RAGError` for a choice that was not asked for.
  mutating func take(_ event: GenerationEvent, at time: UInt64) throws(RAGError) {
    switch event {
    case .tokens(let choice, let ids, let text, _):
      try check(choice)
      choices[choice].text += text
      choices[choice].tokens += ids.count
      if choices[choice].firstToken == nil { choices[choice].firstToken = time }
      choices[choice].lastToken = time
      end = time
    case .finished(let choice, let reason):
      try check(choice)
      choices[choice].finishReason = reason
      isFinished[choice] = true
      // Not the end where there were tokens: a server may say so later.
      if choices.allSatisfy({ $0.firstToken == nil }) { end = time }
    case .usage(let prompt, let completion, let cached):
      promptTokens = prompt
      completionTokens = completion
      cachedTokens = cached
    }
  }

  /// `decode` only where there was a token.
  var spans: [StageSpan] {
    guard let first = choices.compactMap(\.firstToken).min() else {
      return [StageSpan(.firstToken, start: start, end: end)]
    }
    return [StageSpan(.firstToken, start: start, end: first), StageSpan(.decode, start: first, end: end)]
  }

  private func check(_ choice: Int) throws(RAGError) {
    guard choices.indices.contains(choice) else {
      throw RAGError("the generator told of output \(choice), and there are \(choices.count), counted from 0")
    }
  }
}
