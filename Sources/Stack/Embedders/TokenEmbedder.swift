/// An embedder that runs its model here, so that tokenising and computing can be measured apart.
public protocol TokenEmbedder: Embedder {
  /// Ids as the model reads them: prefix and special tokens added, cut at `maximumTokens`.
  func tokenize(_ texts: [String], as role: EmbeddingRole) throws -> TokenizedTexts

  /// - Throws: `EmbedderError` for an id outside the vocabulary, an empty text, or one beyond `maximumTokens`.
  func embed(_ texts: TokenizedTexts) throws -> EmbeddingBatch
}

/// Token ids of some texts, back to back.
public struct TokenizedTexts: Sendable, Equatable {
  public var ids: [Int32]
  /// Text i is `ids[offsets[i]..<offsets[i + 1]]`; one more than there are texts.
  public var offsets: [Int]
  /// Tokens of each text that were cut off.
  public var truncatedTokens: [Int]

  public init(ids: [Int32] = [], offsets: [Int] = [0], truncatedTokens: [Int] = []) {
    self.ids = ids
    self.offsets = offsets
    self.truncatedTokens = truncatedTokens
  }

  public var count: Int { offsets.count - 1 }
}
