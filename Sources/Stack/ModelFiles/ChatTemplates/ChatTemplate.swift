/// How a model wants conversations laid out.
public struct ChatTemplate: Sendable {
  private let source: String

  /// - Parameters:
  ///   - source: the model's own template, as its files have it.
  ///   - specialTokens: spellings by which a model without a template is known.
  ///   - beginning, end: what the template calls `bos_token` and `eos_token`.
  init?(_ source: String?, specialTokens: [String], beginning: String, end: String) throws {
    guard let source else { return nil }
    self.source = source
  }

  /// The text of a conversation, whose special tokens are spelt out: encode it with `addSpecialTokens: false`.
  ///
  /// - Throws: `ModelFileError` if the template cannot be used here, or refuses the conversation.
  public func render(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws -> String {
    throw ModelFileError(path: "", place: "chat template", reason: "cannot be rendered: \(source)")
  }
}
