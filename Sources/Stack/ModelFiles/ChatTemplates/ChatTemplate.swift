/// How a model wants conversations laid out: its own template, written in Jinja, or ChatML or Llama 3's layout where it has
/// none and its vocabulary has the tokens of one.
///
/// Of Jinja, what templates are written in is understood: `for`, `if`, `set`, expressions, the usual filters and tests, with
/// the white space rules of `transformers`. A template that asks for more (tools as JSON, macros) is refused when it is
/// used, by the line and the word.
public struct ChatTemplate: Sendable {
  private let template: Result<JinjaTemplate, ModelFileError>
  private let path: String
  private let beginning: String
  private let end: String

  /// Nil if there is neither a template nor a vocabulary that tells.
  ///
  /// - Parameters:
  ///   - source: the model's own template, as its files have it.
  ///   - path: the file that errors name.
  ///   - specialTokens: spellings of the vocabulary's control tokens.
  ///   - beginning, end: what the template calls `bos_token` and `eos_token`.
  public init?(_ source: String?, path: String, specialTokens: [String], beginning: String, end: String) {
    guard let source = source ?? Self.usual(specialTokens) else { return nil }
    self.path = path
    self.beginning = beginning
    self.end = end
    template = Result { try JinjaParser.parse(source) }.mapError { Self.error($0, path: path) }
  }

  /// The text of a conversation, to be encoded with `addSpecialTokens: false`: what is to stand before it, the template puts
  /// there.
  ///
  /// Control tokens that a message spells out become those tokens, as with `transformers`, vLLM and llama.cpp: a text from
  /// elsewhere can end its own turn.
  ///
  /// - Throws: `ModelFileError` with the template's line if it asks for what is not done here, or refuses the conversation.
  public func render(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws -> String {
    let conversation = messages.map {
      JinjaValue.dictionary([("role", .string($0.role)), ("content", .string($0.content))])
    }
    do {
      return try JinjaInterpreter.render(
        template.get(),
        [
          "messages": .list(conversation), "add_generation_prompt": .bool(addGenerationPrompt),
          "bos_token": .string(beginning), "eos_token": .string(end), "tools": .none, "documents": .none,
        ])
    } catch {
      throw Self.error(error, path: path)
    }
  }

  private static func error(_ error: any Error, path: String) -> ModelFileError {
    guard let error = error as? JinjaError else {
      return error as? ModelFileError ?? ModelFileError(path: path, reason: "\(error)")
    }
    return ModelFileError(
      path: path, place: "chat template, line \(error.line)",
      reason: "\(error.reason); give the prompt as text, or another template")
  }

  /// The layout that goes with the vocabulary's control tokens.
  private static func usual(_ specialTokens: [String]) -> String? {
    func has(_ tokens: String...) -> Bool { tokens.allSatisfy(specialTokens.contains) }
    if has("<|im_start|>", "<|im_end|>") { return chatML }
    if has("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>") { return llama3 }
    return nil
  }

  /// ChatML, without a system message of its own.
  private static let chatML = """
    {% for message in messages %}\
    {{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}\
    {% endfor %}\
    {% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
    """

  /// Llama 3's, as Meta's card of the model has it.
  private static let llama3 = """
    {{ bos_token }}{% for message in messages %}\
    {{ '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' + message.content | trim + '<|eot_id|>' }}\
    {% endfor %}\
    {% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}
    """
}
