public import Generation
public import ModelFiles
public import Tokenizers

/// How long a prompt may be, and how long a text is.
public struct PromptLimits: Sendable {
  /// Tokens of a prompt and an output together.
  public var contextLength: Int
  /// Tokens of a conversation as the model's chat template lays it out.
  public var tokens: @Sendable ([ChatMessage]) throws -> Int

  public init(contextLength: Int, tokens: @escaping @Sendable ([ChatMessage]) throws -> Int) {
    self.contextLength = contextLength
    self.tokens = tokens
  }

  /// Those of the in-tree engine, as it was opened: of the model's context, what its KV memory has room for.
  public init(engine: Engine) {
    let configuration = engine.configuration
    let room = configuration.blockCount * configuration.policy.blockSize
    self.init(contextLength: min(configuration.maxModelLength, room)) { messages in
      try engine.tokens(of: .messages(messages)).count
    }
  }

  /// Those of a model that runs elsewhere, whose files are here.
  ///
  /// - Parameter contextLength: the server's, where it is not the model's own.
  /// - Throws: `RAGError` for a model without a chat template.
  public init(model: LanguageModel, contextLength: Int? = nil) throws(RAGError) {
    guard let chatTemplate = model.chatTemplate else {
      throw RAGError(
        "\(model.name) has no chat template, by which a server's prompts could be counted; name another model")
    }
    self.init(
      contextLength: contextLength ?? model.contextLength, tokenizer: model.tokenizer, chatTemplate: chatTemplate)
  }

  /// Those of a model that runs elsewhere, of which only tokenizer and chat template are here.
  public init(contextLength: Int, tokenizer: any Tokenizer, chatTemplate: ChatTemplate) {
    self.init(contextLength: contextLength) { messages in
      let text = try chatTemplate.render(messages, addGenerationPrompt: true)
      return tokenizer.encode(text, addSpecialTokens: false).ids.count
    }
  }
}
