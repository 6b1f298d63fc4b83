public import ModelFiles

extension RAGPipeline {
  /// Everything up to the prompt. Blocks while the retriever does; an agent whose model searches has no such half.
  ///
  /// - Parameter history: the conversation before the question, without a system message.
  /// - Throws: `RAGError` for an empty question, one that is longer than the context, and for nothing found; what the retriever
  ///   throws.
  public func prepare(_ question: String, history: [ChatMessage] = []) throws -> PreparedQuestion {
    guard options.template.agent != .model else {
      throw RAGError(
        "template '\(options.template.name)' lets the model say what to search for, so that nothing can be prepared before "
          + "it is asked; let the pipeline search (agent: pipeline), or choose another template")
    }
    return try prepared(question, query: question, history: history)
  }

  func prepared(_ question: String, query: String, history: [ChatMessage]) throws -> PreparedQuestion {
    try Self.check(question)
    let retrieval = try retriever.retrieve(query, limit: options.limit)
    // A server may answer more than it was asked for.
    let found = Array(retrieval.passages.prefix(options.limit))
    guard !found.isEmpty else {
      throw RAGError(
        "nothing was found for '\(query.prefix(80))'; the collection is empty, or its index holds no rows yet: "
          + "insert documents first")
    }
    let start = now()
    let kept = options.duplicates.firsts(of: found)
    let prompt = { (sources: [Passage]) in
      layout.messages(question: question, query: query, history: history, sources: sources, order: options.order)
    }
    let fit = try budget?.fit(kept, prompt: prompt) ?? ContextBudget.Fit(sources: kept)
    let passages = options.order.arranged(fit.sources)
    let arranged = now()
    let messages = prompt(fit.sources)
    let spans =
      retrieval.spans + [
        StageSpan(.arrange, start: start, end: arranged), StageSpan(.prompt, start: arranged, end: now()),
      ]
    return PreparedQuestion(
      question: question, query: query, passages: passages, sources: fit.sources, cut: fit.cut,
      duplicates: found.count - kept.count, found: found, messages: messages, contextTokens: fit.tokens, spans: spans)
  }

  /// - Throws: `RAGError` for a question without a word.
  static func check(_ question: String) throws(RAGError) {
    guard !question.allSatisfy(\.isWhitespace) else { throw RAGError("the question is empty; ask something") }
  }
}
