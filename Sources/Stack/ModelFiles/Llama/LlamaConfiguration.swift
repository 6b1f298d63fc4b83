/// The shape of a Llama-family decoder (Llama, SmolLM, Mistral, Qwen2), from GGUF metadata or a folder's `config.json`.
public struct LlamaConfiguration: Sendable, Equatable {
  public var hiddenSize: Int
  public var layers: Int
  /// Query heads.
  public var heads: Int
  /// Heads of keys and values; a divisor of `heads` (grouped-query attention, Ainslie et al. 2023).
  public var keyValueHeads: Int
  public var headDimension: Int
  public var intermediateSize: Int
  public var vocabularySize: Int
  /// The longest sequence that the model was trained for.
  public var maximumPositions: Int
  public var normEpsilon: Float
  public var rotary: Rotary
  /// Whether query, key and value projections have a bias (Qwen2).
  public var hasAttentionBias: Bool
  /// Whether the output projection is the embedding table.
  public var tiesEmbeddings: Bool

  /// Rotary position embedding (Su et al. 2021).
  public struct Rotary: Sendable, Equatable {
    public enum Pairs: Sendable {
      /// Dimensions 2i and 2i + 1 turn together, as rows of Q and K lie in a GGUF file of the architecture `llama`.
      case interleaved
      /// Dimensions i and i + half, as Hugging Face has them.
      case halves
    }

    /// Llama 3.1's rescaling of low frequencies.
    public struct Scaling: Sendable, Equatable {
      public var factor: Float
      public var lowFrequencyFactor: Float
      public var highFrequencyFactor: Float
      public var originalPositions: Int

      public init(factor: Float, lowFrequencyFactor: Float, highFrequencyFactor: Float, originalPositions: Int) {
        self.factor = factor
        self.lowFrequencyFactor = lowFrequencyFactor
        self.highFrequencyFactor = highFrequencyFactor
        self.originalPositions = originalPositions
      }
    }

    public var base: Double
    public var pairs: Pairs
    public var scaling: Scaling?
    /// Factors by which GGUF divides the frequency of each pair (`rope_freqs.weight`), where the file has them.
    public var frequencyFactors: [Float]?

    public init(base: Double, pairs: Pairs, scaling: Scaling? = nil, frequencyFactors: [Float]? = nil) {
      self.base = base
      self.pairs = pairs
      self.scaling = scaling
      self.frequencyFactors = frequencyFactors
    }
  }

  public init(
    hiddenSize: Int, layers: Int, heads: Int, keyValueHeads: Int, headDimension: Int, intermediateSize: Int,
    vocabularySize: Int, maximumPositions: Int, normEpsilon: Float, rotary: Rotary, hasAttentionBias: Bool = false,
    tiesEmbeddings: Bool = false
  ) {
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headDimension = headDimension
    self.intermediateSize = intermediateSize
    self.vocabularySize = vocabularySize
    self.maximumPositions = maximumPositions
    self.normEpsilon = normEpsilon
    self.rotary = rotary
    self.hasAttentionBias = hasAttentionBias
    self.tiesEmbeddings = tiesEmbeddings
  }
}
