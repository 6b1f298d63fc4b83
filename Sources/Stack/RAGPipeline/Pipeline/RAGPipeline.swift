public import Generation
public import ModelFiles

/// Answers questions from a store: retrieve, arrange, prompt, generate.
///
/// Calls may come from any thread; questions that are under way at once share the generator's batches.
public struct RAGPipeline: QuestionAnswerer {
  public let options: RAGOptions
  let retriever: any Retriever
  let generator: any TextGenerator
  let layout: PromptLayout
  let budget: ContextBudget?
  let now: @Sendable () -> UInt64
  private let limits: PromptLimits?
  private let threads: RetrievalThreads

  /// - Parameters:
  ///   - limits: of the model's context; nil where nobody here knows, and nothing is cut but by the generator.
  ///   - retrievals: how many questions may be retrieved for at once by `answer`; the next one waits.
  ///   - now: nanoseconds of a clock that never goes back: the retriever's.
  /// - Throws: `RAGError` for options that cannot be, such as a budget without a tokenizer, a template without a place for the
  ///   passages, or a model without a chat template.
  public init(
    retriever: any Retriever, generator: any TextGenerator, options: RAGOptions = RAGOptions(),
    limits: PromptLimits? = nil, retrievals: Int = 16, now: @escaping @Sendable () -> UInt64
  ) throws {
    try self.init(
      retriever: retriever, generator: generator, options: options, limits: limits,
      threads: RetrievalThreads(limit: max(1, retrievals)), now: now)
  }

  /// A pipeline of other passages and options before the same model; both share the threads that retrieve.
  ///
  /// - Throws: as `init`.
  public func with(retriever: any Retriever, options: RAGOptions) throws -> RAGPipeline {
    try RAGPipeline(
      retriever: retriever, generator: generator, options: options, limits: limits, threads: threads, now: now)
  }

  private init(
    retriever: any Retriever, generator: any TextGenerator, options: RAGOptions, limits: PromptLimits?,
    threads: RetrievalThreads, now: @escaping @Sendable () -> UInt64
  ) throws {
    guard options.limit > 0 else {
      throw RAGError("\(options.limit) passages are to be retrieved; ask for at least 1")
    }
    guard options.sampling.n > 0 else {
      throw RAGError("\(options.sampling.n) answers are asked for; ask for at least 1")
    }
    layout = try PromptLayout(options.template)
    budget = try ContextBudget(
      limits, tokens: options.budget, maxTokens: options.sampling.maxTokens, model: generator.model)
    self.options = options
    self.retriever = retriever
    self.generator = generator
    self.now = now
    self.limits = limits
    self.threads = threads
  }

  /// The whole, for any template. Retrieval runs on threads of its own, not in the caller's pool of tasks.
  ///
  /// - Parameters:
  ///   - history: the conversation before the question, without a system message.
  ///   - report: told of every event, in their order.
  /// - Throws: as `prepare` and `generate`; `CancellationError` if the task is cancelled.
  public func answer(
    _ question: String, history: [ChatMessage] = [], report: (RAGEvent) -> Void = { _ in }
  ) async throws -> RAGAnswer {
    var planned: (plan: PreparedQuestion.Plan, query: String, span: StageSpan)?
    if options.template.agent == .model { planned = try await plan(question, history: history) }
    if options.template.agent != nil { report(.toolCall(query: planned?.query ?? question)) }
    let query = planned?.query ?? question
    var prepared = try await threads.run { try self.prepared(question, query: query, history: history) }
    try Task.checkCancellation()
    if let planned {
      prepared.plan = planned.plan
      prepared.spans.insert(planned.span, at: 0)
    }
    report(.prepared(prepared))
    return try await generate(prepared, report: report)
  }
}
