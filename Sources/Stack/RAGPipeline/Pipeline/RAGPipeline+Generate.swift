internal import Generation
internal import ModelFiles

extension RAGPipeline {
  /// The rest.
  ///
  /// - Parameter report: told of every event, in their order.
  /// - Throws: `GenerationError`, what the generator throws; `RAGError` for an answer that breaks off; `CancellationError` if the
  ///   task is cancelled.
  public func generate(
    _ prepared: PreparedQuestion, report: (RAGEvent) -> Void = { _ in }
  ) async throws -> RAGAnswer {
    var sampling = options.sampling
    sampling.stopStrings += options.template.stop
    let tally = try await written(prepared.messages, sampling) { report(.generation($0)) }
    return RAGAnswer(
      choices: tally.choices, context: prepared, promptTokens: tally.promptTokens, cachedTokens: tally.cachedTokens,
      completionTokens: tally.completionTokens, spans: prepared.spans + tally.spans)
  }

  /// What the generator makes of a conversation.
  func written(
    _ messages: [ChatMessage], _ sampling: SamplingParameters, _ report: (GenerationEvent) -> Void
  ) async throws -> AnswerTally {
    var tally = AnswerTally(choices: sampling.n, start: now())
    for try await event in try await generator.generate(
      GenerationRequest(prompt: .messages(messages), sampling: sampling))
    {
      try tally.take(event, at: now())
      report(event)
    }
    // The stream of a cancelled task ends as if all were said.
    try Task.checkCancellation()
    guard tally.isComplete else {
      throw RAGError(
        "the answer of \(generator.model) broke off before its end; ask again, or look at the server's log")
    }
    return tally
  }
}
