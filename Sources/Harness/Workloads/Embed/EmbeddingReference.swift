internal import Embedders
internal import Foundation

/// What the stack's own float32 makes of the texts, that other precisions and engines are held against.
struct EmbeddingReference {
  let texts: EmbeddingTexts
  /// `texts × dimension`; nil where the model has no float32 to compare with.
  let vectors: [Float]?
  let dimension: Int
  let truncatedTexts: Int?

  /// - Throws: what keeps the model from being had or the texts from being embedded.
  init(_ texts: [String], by embedder: any Embedder) throws {
    dimension = embedder.dimension
    guard let model = embedder as? any TokenEmbedder else {
      self.texts = EmbeddingTexts(texts: texts, tokens: nil)
      (vectors, truncatedTexts) = (nil, nil)
      return
    }
    let tokens = try model.tokenize(texts, as: .document)
    self.texts = EmbeddingTexts(texts: texts, tokens: tokens)
    vectors = try tokens.slices(of: Self.slice).flatMap { try model.embed($0).values }
    truncatedTexts = tokens.truncatedTokens.count { $0 > 0 }
  }

  /// Texts that are embedded at once, so that memory does not grow with their number.
  private static let slice = 1024

  /// The cosine of every embedding to the reference; nil where there is none.
  ///
  /// - Throws: `EngineError` for embeddings of another dimension.
  func cosines(of pass: EmbeddingPass) throws -> [Double]? {
    guard let vectors else { return nil }
    guard pass.dimension == dimension else {
      throw EngineError("the embeddings have dimension \(pass.dimension), the model has \(dimension)")
    }
    return (0..<texts.count).map { text in
      let place = text * dimension..<(text + 1) * dimension
      return Self.cosine(vectors[place], pass.vectors[place])
    }
  }

  /// In double precision: differences of 1e-7 are what it is about. Two zero vectors are alike.
  private static func cosine(_ one: ArraySlice<Float>, _ other: ArraySlice<Float>) -> Double {
    var (dot, first, second) = (0.0, 0.0, 0.0)
    for (x, y) in zip(one, other) {
      dot += Double(x) * Double(y)
      first += Double(x) * Double(x)
      second += Double(y) * Double(y)
    }
    if first == 0 || second == 0 { return first == second ? 1 : 0 }
    return min(1, dot / (first * second).squareRoot())
  }

  /// The longest texts, so many: what takes the most memory at once.
  func longest(_ count: Int) -> EmbeddingTexts {
    let lengths =
      texts.tokens.map { tokens in zip(tokens.offsets, tokens.offsets.dropFirst()).map { $1 - $0 } }
      ?? texts.texts.map(\.utf8.count)
    let numbers = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }.prefix(count)
    return EmbeddingTexts(texts: numbers.map { texts.texts[$0] }, tokens: texts.tokens?.picked(Array(numbers)))
  }
}
