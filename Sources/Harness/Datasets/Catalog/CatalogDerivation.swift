/// How an entry's vectors are made from a corpus of the catalogue.
public struct CatalogDerivation: Sendable, Equatable, Codable {
  /// Name of a corpus of the same catalogue.
  public var corpus: String
  /// By the words of chunker specifications; `whole` makes a vector of each document.
  public var chunker: String
  /// By the words of embedder specifications.
  public var embedder: String

  public init(corpus: String, chunker: String, embedder: String) {
    self.corpus = corpus
    self.chunker = chunker
    self.embedder = embedder
  }
}
