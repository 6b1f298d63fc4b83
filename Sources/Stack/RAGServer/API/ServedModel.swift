package import Tokenizers

/// What calls and answers have to know of the model behind them.
package struct ServedModel: Sendable {
  /// What callers name it, and what answers say.
  package var name: String
  /// Tokens of a prompt and an output together.
  package var maxModelLength: Int
  package var vocabularySize: Int
  /// Gives the tokens of log probabilities their texts.
  package var tokenizer: any Tokenizer
  /// The model's own ends of a text.
  package var endTokens: [Int32]
  /// When it was loaded, in Unix seconds.
  package var created: Int
  /// Tells servers of different builds apart: "ragmeter-1.0".
  package var fingerprint: String

  package init(
    name: String, maxModelLength: Int, vocabularySize: Int, tokenizer: any Tokenizer, endTokens: [Int32] = [],
    created: Int, fingerprint: String
  ) {
    self.name = name
    self.maxModelLength = maxModelLength
    self.vocabularySize = vocabularySize
    self.tokenizer = tokenizer
    self.endTokens = endTokens
    self.created = created
    self.fingerprint = fingerprint
  }
}
