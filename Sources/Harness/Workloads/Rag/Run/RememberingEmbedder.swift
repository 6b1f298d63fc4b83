internal import Embedders
internal import Synchronization

/// Gives the vectors of documents that it has embedded before again, so that every index is filled with the very same vectors,
/// and embedding is paid for once.
final class RememberingEmbedder: Embedder {
  private let base: any Embedder
  private let known = Mutex<[String: ArraySlice<Float>]>([:])

  init(_ base: any Embedder) { self.base = base }

  var name: String { base.name }
  var dimension: Int { base.dimension }
  var maximumTokens: Int? { base.maximumTokens }
  var isNormalized: Bool { base.isNormalized }

  /// The vector of a document's text; nil where it was not embedded here.
  func vector(of text: String) -> [Float]? { known.withLock { $0[text].map(Array.init) } }

  /// Token counts are those of the texts that were not known; questions are embedded anew each time.
  func embed(_ texts: [String], as role: EmbeddingRole) throws -> EmbeddingBatch {
    guard role == .document else { return try base.embed(texts, as: role) }
    let missing = known.withLock { known in
      var asked: Set<String> = []
      return texts.filter { known[$0] == nil && asked.insert($0).inserted }
    }
    var batch = EmbeddingBatch(dimension: dimension, values: [], tokens: [], truncatedTokens: [])
    if !missing.isEmpty {
      let made = try base.embed(missing, as: role)
      guard made.count == missing.count, made.dimension == dimension, made.values.allSatisfy(\.isFinite) else {
        throw EmbedderError(
          "embedder \(name) answered \(made.count) vectors of \(made.dimension) for \(missing.count) texts of \(dimension) "
            + "dimensions, or values that are not finite; take another")
      }
      known.withLock { known in for (place, text) in missing.enumerated() { known[text] = made[place] } }
      batch.tokens = made.tokens
      batch.truncatedTokens = made.truncatedTokens
    }
    known.withLock { known in for text in texts { batch.values += known[text] ?? [] } }
    return batch
  }
}
