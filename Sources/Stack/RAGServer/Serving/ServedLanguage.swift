internal import Generation
internal import RAGPipeline

/// An engine of this process, and what answers tell of its model.
struct ServedEngine: Sendable {
  let engine: Engine
  let model: ServedModel
}

/// The language model that a server answers with.
enum ServedLanguage: Sendable {
  case engine(ServedEngine)
  case remote(RemoteRoutes)

  /// What callers name it.
  var name: String {
    switch self {
    case .engine(let served): served.model.name
    case .remote(let remote): remote.name
    }
  }

  var stackModel: LlamaStackService.LanguageModel {
    switch self {
    case .engine(let served):
      LlamaStackService.LanguageModel(
        id: name, generator: served.engine, limits: PromptLimits(engine: served.engine),
        tokenizer: served.engine.tokenizer, created: served.model.created)
    case .remote(let remote):
      LlamaStackService.LanguageModel(
        id: name, generator: remote.generator, limits: nil, tokenizer: nil, created: remote.created)
    }
  }
}
