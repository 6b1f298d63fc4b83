/// How a folder of the sentence-transformers library turns token vectors into one embedding of a text.
///
/// Reads `modules.json`, the pooling module's `config.json`, `sentence_bert_config.json` (or `sentence_transformers_config`)
/// and `config_sentence_transformers.json`. A plain Hugging Face folder without `modules.json` gets what the library
/// gives it: mean pooling, not normalised there, but normalised here, and `isAssumed` says so.
public struct SentenceTransformer: Sendable, Equatable {
  public enum Pooling: String, Sendable, CaseIterable {
    /// The mean of all tokens.
    case mean
    /// The first token, [CLS].
    case cls
    /// The largest of each component.
    case max
  }

  public var pooling: Pooling
  /// Whether embeddings are scaled to length 1.
  public var normalizes: Bool
  /// Tokens that are read, special ones included; `nil` where the folder sets no limit of its own.
  public var maximumTokens: Int?
  /// Text put before a query or a document, by the name that the folder gives it ("query", "passage", …).
  public var prompts: [String: String]
  /// True where the folder says nothing of pooling and mean pooling with normalisation was assumed.
  public var isAssumed: Bool

  /// What is put before a query.
  public var queryPrompt: String { prompts["query"] ?? "" }
  /// What is put before a text that is searched: models call it document, passage or corpus.
  public var documentPrompt: String {
    ["document", "passage", "corpus"].lazy.compactMap { prompts[$0] }.first ?? ""
  }
}
