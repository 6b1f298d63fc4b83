public import Tokenizers

/// A decoder with what is needed to speak with it: weights, tokenizer, end of sequence, and the layout of conversations.
public struct LanguageModel: Sendable {
  public var name: String
  public var weights: any LlamaModel
  public var tokenizer: any Tokenizer
  /// Tokens after which the model has said what it had to say, in ascending order; may be empty.
  public var endTokens: [Int32]
  /// How conversations are laid out; nil where neither the files nor the vocabulary tell.
  public var chatTemplate: ChatTemplate?

  public init(
    name: String, weights: any LlamaModel, tokenizer: any Tokenizer, endTokens: [Int32] = [],
    chatTemplate: ChatTemplate? = nil
  ) {
    self.name = name
    self.weights = weights
    self.tokenizer = tokenizer
    self.endTokens = endTokens
    self.chatTemplate = chatTemplate
  }

  /// Prompt and output together, in tokens.
  public var contextLength: Int { weights.configuration.maximumPositions }

  /// Opens a folder that holds a `.gguf` file, or safetensors with `config.json` and `tokenizer.json`.
  ///
  /// - Throws: `ModelFileError` with the file and the key, field or tensor at fault.
  public static func open(_ folder: ModelFolder) throws -> LanguageModel {
    if let path = try folder.weights(endingIn: ".gguf") {
      return try LanguageModel(GGUFFile(path: path), name: folder.name)
    }
    return try LanguageModel(safetensors: folder)
  }

  /// Spellings of tokens that end a turn or a text, whatever else a file names as its end: a model that writes one of them
  /// has finished, and instruction-tuned files often name only one of theirs.
  static let endSpellings: Set<String> = [
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|endoftext|>", "<|end_of_text|>",
  ]
}
