/// What a server takes and tells beside what all of them do.
public struct ServerQuirks: Sendable, Hashable {
  /// Parameters that not every server takes.
  public enum Parameter: String, Sendable, CaseIterable {
    case n
    case bestOf = "best_of"
    case seed
    case topK = "top_k"
    case minP = "min_p"
    case repetitionPenalty = "repetition_penalty"
    case presencePenalty = "presence_penalty"
    case frequencyPenalty = "frequency_penalty"
    case logitBias = "logit_bias"
    case logprobs
    case minTokens = "min_tokens"
    case ignoreEOS = "ignore_eos"
    case stopTokens = "stop_token_ids"
  }

  /// How a stream tells of its tokens.
  public enum Usage: String, Sendable {
    /// By itself, in a last chunk.
    case unasked
    /// `stream_options.include_usage`: in a chunk of its own at the end.
    case atEnd
    /// The same, but each choice has such a chunk, with its own tokens only.
    case perChoice
    /// `stream_options.continuous_usage_stats` too: the tokens of the choice so far, in each chunk.
    case continuous
  }

  /// What each parameter is called; those that are missing are not taken.
  public var parameters: [Parameter: String]
  /// What limits the tokens of a chat's answer: `max_tokens`, or `max_completion_tokens`.
  public var chatLimit = "max_tokens"
  public var usage: Usage
  /// The parameter that makes the server tell token ids; nil: it has none.
  public var tokenIDs: String?
  /// Whether a prompt may be a list of token ids.
  public var takesTokens: Bool
  /// Where text becomes tokens, from the server's root; nil: nowhere.
  public var tokenizer: Tokenizer?

  /// The three forms of `POST /tokenize`, by the name of the text in the body.
  public enum Tokenizer: String, Sendable {
    /// vLLM, SGLang: `{"count", "tokens"}`.
    case prompt
    /// TGI: a list of `{"id", "text"}`.
    case inputs
    /// llama.cpp: `{"tokens"}`.
    case content
  }

  public init(
    parameters: [Parameter: String], usage: Usage, tokenIDs: String? = nil, takesTokens: Bool = false,
    tokenizer: Tokenizer? = nil
  ) {
    self.parameters = parameters
    self.usage = usage
    self.tokenIDs = tokenIDs
    self.takesTokens = takesTokens
    self.tokenizer = tokenizer
  }
}
