internal import Generation
internal import GenerationClient
internal import ModelFiles
internal import RAGPipeline

/// A model behind an OpenAI-compatible server.
final class ServerGenerator: LoadedGenerator {
  private let generator: RemoteGenerator
  let limits: PromptLimits?

  let forgetsPrompts = false

  /// - Throws: `ClientError` for a URL or a preset that is none, or a key that is missing; `ModelFileError` for a tokenizer that is
  ///   not here; `EngineError` for one without a chat template.
  init(_ server: GeneratorChoice.Server, models: ModelLibrary, environment: [String: String]) throws {
    let profile = try ServerProfile(url: server.url, preset: server.preset)
    let key = try APIKey.find(for: profile, variable: server.keyVariable, environment: environment)
    generator = try RemoteGenerator(server: profile, model: server.model, key: key)
    limits = try server.tokenizer.map { name in
      let model = try LanguageModel.open(models.folder(name))
      guard let template = model.chatTemplate else {
        throw EngineError("\(name) has no chat template that is known here; its tokens cannot tell a prompt's length")
      }
      return PromptLimits(
        contextLength: server.contextLength ?? model.contextLength, tokenizer: model.tokenizer, chatTemplate: template)
    }
  }

  func fresh() -> any TextGenerator { generator }

  func close() {}
}
