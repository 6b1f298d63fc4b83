import Glibc

/// Embeds without a model: words and pairs of words hashed into signed buckets (Weinberger et al. 2009, "Feature Hashing for
/// Large Scale Multitask Learning"), their counts damped as 1 + ln(n), the whole scaled to length 1.
///
/// A baseline that knows words but no meanings, equal on every machine. A text without words gets zeros.
public struct HashingEmbedder: Embedder {
  public let name = "hashing"
  public let dimension: Int
  public var maximumTokens: Int? { nil }
  public var isNormalized: Bool { true }

  /// - Throws: `EmbedderError` if `dimension` is not positive.
  public init(dimension: Int = 384) throws {
    guard dimension > 0, dimension <= 1 << 20 else {
      throw EmbedderError("a hashing embedder has from 1 to \(1 << 20) dimensions, not \(dimension)")
    }
    self.dimension = dimension
  }

  init(_ specification: EmbedderSpecification) throws {
    try specification.check(known: ["dimension"])
    try self.init(dimension: specification.integer("dimension", in: 1...1 << 20, default: 384))
  }

  /// - Complexity: O(bytes of the texts + texts × dimension).
  public func embed(_ texts: [String], as role: EmbeddingRole) throws -> EmbeddingBatch {
    var values = [Float](repeating: 0, count: texts.count * dimension)
    var tokens: [Int] = []
    for (index, text) in texts.enumerated() {
      let features = HashedFeatures(of: text)
      tokens.append(features.words)
      let first = index * dimension
      features.forEachCounted { hash, count in
        let weight = 1 + Float(log(Double(count)))
        values[first + Int((hash >> 1) % UInt64(dimension))] += hash & 1 == 0 ? weight : -weight
      }
      var square: Float = 0
      for place in first..<first + dimension { square += values[place] * values[place] }
      guard square > 0 else { continue }
      let scale = 1 / square.squareRoot()
      for place in first..<first + dimension { values[place] *= scale }
    }
    return EmbeddingBatch(
      dimension: dimension, values: values, tokens: tokens, truncatedTokens: [Int](repeating: 0, count: texts.count))
  }
}
