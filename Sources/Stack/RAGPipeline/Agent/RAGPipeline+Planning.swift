internal import Generation
internal import ModelFiles

extension RAGPipeline {
  /// Room for a call with a long question; a model that does not call at all is stopped there.
  private static let planningTokens = 96

  /// An agent's first turn: its model says what to search for.
  ///
  /// - Returns: the model's query, or the question where its call cannot be read.
  /// - Throws: `RAGError` for an empty question; what the generator throws.
  func plan(
    _ question: String, history: [ChatMessage]
  ) async throws -> (plan: PreparedQuestion.Plan, query: String, span: StageSpan) {
    try Self.check(question)
    var sampling = SamplingParameters()
    sampling.temperature = 0
    sampling.maxTokens = Self.planningTokens
    sampling.seed = options.sampling.seed
    let start = now()
    let tally = try await written(layout.planning(question: question, history: history), sampling) { _ in }
    let text = tally.choices[0].text
    let call = KnowledgeSearch(parsing: text)
    let plan = PreparedQuestion.Plan(
      text: text, isReadable: call != nil, promptTokens: tally.promptTokens, cachedTokens: tally.cachedTokens,
      completionTokens: tally.completionTokens)
    return (plan, call?.query ?? question, StageSpan(.plan, start: start, end: now()))
  }
}
