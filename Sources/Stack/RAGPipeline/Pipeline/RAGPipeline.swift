public import Generation
public import ModelFiles

/// Answers questions from a store: retrieve, arrange, prompt, generate.
///
/// Calls may come from any thread; questions that are under way at once share the generator's batches.
public struct RAGPipeline: QuestionAnswerer {
  public let options: RAGOptions
  private let retriever: any Retriever
  private let generator: any TextGenerator
  private let limits: PromptLimits?
  private let now: @Sendable () -> UInt64

  /// - Parameters:
  ///   - limits: of the model's context; nil where nobody here knows, and nothing is cut but by the generator.
  ///   - now: nanoseconds of a clock that never goes back.
  /// - Throws: `RAGError` for options that cannot be, such as a budget without a tokenizer.
  public init(
    retriever: any Retriever, generator: any TextGenerator, options: RAGOptions = RAGOptions(),
    limits: PromptLimits? = nil, now: @escaping @Sendable () -> UInt64
  ) throws {
    self.options = options
    self.retriever = retriever
    self.generator = generator
    self.limits = limits
    self.now = now
  }

  /// Everything up to the prompt. Blocks while the retriever does; an agent whose model searches has no such half.
  ///
  /// - Throws: `RAGError` for a question that is longer than the context, and for nothing found; what the retriever throws.
  public func prepare(_ question: String) throws -> PreparedQuestion {
    throw RAGError("the pipeline is not built yet")
  }

  /// The rest.
  ///
  /// - Parameter report: told of every event, in their order.
  /// - Throws: `GenerationError`, what the generator throws.
  public func generate(
    _ prepared: PreparedQuestion, report: (RAGEvent) -> Void = { _ in }
  ) async throws -> RAGAnswer {
    throw RAGError("the pipeline is not built yet")
  }

  /// The whole, for any template. Retrieval runs on a thread of its own, not in the caller's pool of tasks.
  ///
  /// - Parameter history: the conversation before the question, without a system message.
  public func answer(
    _ question: String, history: [ChatMessage] = [], report: (RAGEvent) -> Void = { _ in }
  ) async throws -> RAGAnswer {
    throw RAGError("the pipeline is not built yet")
  }
}
