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

  /// Those of the in-tree engine, as it was opened.
  public init(engine: Engine) {
    self.init(contextLength: engine.configuration.maxModelLength) { messages in
      try engine.tokens(of: .messages(messages)).count
    }
  }

  /// Those of a model that runs elsewhere, whose tokenizer and chat template are here.
  public init(contextLength: Int, tokenizer: any Tokenizer, chatTemplate: ChatTemplate) {
    self.init(contextLength: contextLength) { messages in
      let text = try chatTemplate.render(messages, addGenerationPrompt: true)
      return tokenizer.encode(text, addSpecialTokens: false).ids.count
    }
  }
}
