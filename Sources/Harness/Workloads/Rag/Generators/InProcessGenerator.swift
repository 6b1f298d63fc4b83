internal import Generation
internal import ModelFiles
internal import RAGPipeline

/// A model on the engine of the stack.
///
/// Weights and KV memory are had once; every pass gets a new scheduler over them, and so an empty prefix cache.
final class InProcessGenerator: LoadedGenerator {
  private let model: LanguageModel
  private let options: EngineOptions
  private let executor: any ModelExecutor
  private let threads = TaskThreads(1)
  private var engine: Engine?
  let limits: PromptLimits?

  let forgetsPrompts = true

  /// - Throws: as `Engine.open`.
  init(model: LanguageModel, options: EngineOptions) throws {
    self.model = model
    self.options = options
    executor = try options.executor(for: model.weights)
    let length = try options.schedulerConfiguration(for: model.weights.configuration).maxModelLength
    limits = model.chatTemplate.map {
      PromptLimits(contextLength: length, tokenizer: model.tokenizer, chatTemplate: $0)
    }
  }

  func fresh() throws -> any TextGenerator {
    shutDown()
    let shape = model.weights.configuration
    let made = try Engine(
      model: model.name, executor: executor, configuration: options.schedulerConfiguration(for: shape),
      vocabularySize: shape.vocabularySize, tokenizer: model.tokenizer, endTokens: model.endTokens,
      chatTemplate: model.chatTemplate, seed: options.seed, threads: options.threads, maxWaiting: options.maxWaiting)
    engine = made
    return made
  }

  /// The executor belongs to the old engine's thread until that has ended.
  private func shutDown() {
    guard let old = engine else { return }
    engine = nil
    threads.wait { await old.shutDown() }
  }

  func close() {
    shutDown()
    threads.close()
  }
}
