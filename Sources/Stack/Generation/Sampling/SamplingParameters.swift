/// How the next token is chosen from a row of logits, and when an output ends; names and defaults are the OpenAI API's and
/// vLLM's.
public struct SamplingParameters: Sendable, Equatable {
  /// 0 is greedy.
  public var temperature: Float = 1
  /// The k most probable tokens only; 0: all.
  public var topK = 0
  /// The fewest tokens whose probabilities reach this; 1: all.
  public var topP: Float = 1
  /// Tokens at least so probable as this share of the most probable; 0: all.
  public var minP: Float = 0
  public var repetitionPenalty: Float = 1
  public var presencePenalty: Float = 0
  public var frequencyPenalty: Float = 0
  /// Added to the logits of tokens.
  public var logitBias: [Int32: Float] = [:]
  /// Output i draws from a generator seeded with `seed + i`, whatever else runs; nil: a seed of the engine's.
  public var seed: UInt64?
  public var n = 1
  /// Outputs that are made, of which the `n` with the highest mean log probability are given; nil: n.
  public var bestOf: Int?
  public var maxTokens: Int?
  public var minTokens = 0
  public var stopStrings: [String] = []
  public var stopTokens: [Int32] = []
  /// Whether the model's own end of sequence is a token like any other.
  public var ignoreEOS = false
  /// The most probable tokens to tell with their log probabilities at every place; nil: none are asked for.
  public var logprobs: Int?

  public init() {}
}
