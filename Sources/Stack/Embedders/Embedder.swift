/// Turns texts into vectors that lie near each other where the texts mean the same.
public protocol Embedder: Sendable {
  /// What specifications and reports call it: "minilm", "hashing", ….
  var name: String { get }
  /// Values of one embedding.
  var dimension: Int { get }
  /// Tokens of a text that count, special ones included; what is beyond is cut off. `nil` where there is no limit.
  var maximumTokens: Int? { get }
  /// How the model's authors compare its embeddings: most are normalised and compared by inner product.
  var isNormalized: Bool { get }

  /// One embedding for each text, in their order. Texts may be of any length, the empty one included.
  ///
  /// - Parameter role: models that were trained with prefixes ("query: ", "passage: ") put theirs before each text.
  /// - Throws: `EmbedderError` if the work cannot be done; nothing of the batch is given then.
  /// - Complexity: memory O(texts × dimension) and a constant; callers with many texts hand them over in slices.
  func embed(_ texts: [String], as role: EmbeddingRole) throws -> EmbeddingBatch
}

/// What a text is to the search.
public enum EmbeddingRole: String, Sendable, CaseIterable, Codable {
  case document, query
}

/// Embeddings of some texts, and what it took to make them.
public struct EmbeddingBatch: Sendable, Equatable {
  public var dimension: Int
  /// `texts × dimension`, row-major.
  public var values: [Float]
  /// Tokens of each text that were read, special ones included; empty where the embedder does not count them.
  public var tokens: [Int]
  /// Tokens of each text that were cut off beyond the model's limit; 0 for most.
  public var truncatedTokens: [Int]

  public init(dimension: Int, values: [Float], tokens: [Int], truncatedTokens: [Int]) {
    self.dimension = dimension
    self.values = values
    self.tokens = tokens
    self.truncatedTokens = truncatedTokens
  }

  public var count: Int { dimension == 0 ? 0 : values.count / dimension }

  /// The embedding of text `index`.
  public subscript(index: Int) -> ArraySlice<Float> { values[index * dimension..<(index + 1) * dimension] }
}

/// Why texts cannot be embedded, as one sentence that says what to do next.
public struct EmbedderError: Error, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) {
    self.description = description
  }
}
