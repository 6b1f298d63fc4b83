/// Makes the vectors of an entry from texts. What does so needs the stack, which datasets know nothing of; without one, sets
/// that are derived can only be used where somebody has made them.
public protocol VectorDerivation: Sendable {
  /// Raised when the same texts and weights come out as other vectors than before, beyond rounding.
  var version: Int { get }

  /// Appends every vector that is not there yet to `file`.
  ///
  /// - Throws: what keeps texts or embedder from being had; what was appended so far stays for the next attempt.
  func append(to file: DerivedVectorFile, of entry: CatalogEntry, progress: FetchProgress?) throws
}

/// What vectors were made of, kept beside them as `FILE.json`.
public struct DerivedProvenance: Sendable, Equatable, Codable {
  static let schema = "ragmeter.derived/1"

  var schema = DerivedProvenance.schema
  public var recipe: CatalogDerivation
  /// Of the derivation's code.
  public var version: Int
  public var dimension: Int
  /// SHA-256 of what went in: texts, and weights by the names of their files.
  public var sources: [String: String] = [:]
  public var rows = 0
  /// Texts that were longer than the embedder reads, and the tokens that were cut off.
  public var truncatedTexts = 0
  public var truncatedTokens = 0
  /// Of the finished file.
  public var sha256: String?

  enum CodingKeys: String, CodingKey {
    case schema, recipe, version, dimension, sources, rows, sha256
    case truncatedTexts = "truncated_texts"
    case truncatedTokens = "truncated_tokens"
  }

  init(recipe: CatalogDerivation, version: Int, dimension: Int) {
    self.recipe = recipe
    self.version = version
    self.dimension = dimension
  }
}
