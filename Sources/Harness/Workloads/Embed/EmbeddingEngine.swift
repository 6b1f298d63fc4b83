package import Embedders

/// What the embed workload measures with the same code: an embedder of the stack, or an adapter process.
package protocol EmbeddingEngine: AnyObject {
  /// Brings the model into memory, to run on `threads` threads. Called once, before anything else.
  ///
  /// - Returns: seconds that it took, without what only has to be done once for a model.
  func load(threads: Int) throws -> Double

  /// Embeds every text once, `batch` of them a call. Texts are in memory before the clock starts; each call is timed
  /// alone.
  func embed(_ texts: EmbeddingTexts, batch: Int) throws -> EmbeddingPass

  /// Private memory of the process that holds the model, in bytes; nil where the system cannot tell.
  func privateBytes() throws -> Int?

  /// Gives back memory and processes; called once, after which nothing else is.
  func close()
}

/// The texts of a pass, in both forms. A class, so that what was made of them once can be found again.
package final class EmbeddingTexts: Sendable {
  package let texts: [String]
  /// As the model reads them; nil where the embedder has no tokens.
  package let tokens: TokenizedTexts?

  package init(texts: [String], tokens: TokenizedTexts?) {
    self.texts = texts
    self.tokens = tokens
  }

  package var count: Int { texts.count }
}

/// What one pass over the texts gave.
package struct EmbeddingPass: Sendable, Equatable {
  package var dimension: Int
  /// `texts × dimension`, in the order of the texts.
  package var vectors: [Float]
  /// Nanoseconds of each call, tokenising left out.
  package var latencies: [UInt64]
  /// Wall time of all calls in seconds, tokenising left out.
  package var seconds: Double
  /// What the engine's own tokenizer takes for the same texts; nil where it cannot be timed apart.
  package var tokenizeSeconds: Double?
  /// Tokens that the engine computed with, padding included; nil where it cannot tell.
  package var paddedTokens: Int?
  /// Texts that the engine's own tokenizer reads otherwise than the stack's; nil where it has no other.
  package var differingTexts: Int?

  package init(
    dimension: Int, vectors: [Float], latencies: [UInt64], seconds: Double, tokenizeSeconds: Double? = nil,
    paddedTokens: Int? = nil, differingTexts: Int? = nil
  ) {
    self.dimension = dimension
    self.vectors = vectors
    self.latencies = latencies
    self.seconds = seconds
    self.tokenizeSeconds = tokenizeSeconds
    self.paddedTokens = paddedTokens
    self.differingTexts = differingTexts
  }

  /// - Throws: `EngineError` for an answer that does not fit the question.
  func check(texts: Int, batch: Int) throws {
    let calls = (texts + batch - 1) / batch
    guard dimension > 0, vectors.count == texts * dimension, latencies.count == calls else {
      throw EngineError(
        "the engine answered \(vectors.count) values of dimension \(dimension) and \(latencies.count) latencies; "
          + "\(texts) texts in \(calls) calls were asked for")
    }
    guard seconds.isFinite, seconds > 0 else { throw EngineError("the engine says that the pass took \(seconds) s") }
    if let fault = Self.firstFault(in: vectors, dimension: dimension) { throw EngineError(fault) }
  }

  /// Which text's embedding holds NaN or infinity; `nil` where none does.
  static func firstFault(in vectors: [Float], dimension: Int) -> String? {
    guard let place = vectors.firstIndex(where: { !$0.isFinite }) else { return nil }
    // The sign of a NaN differs from one platform's arithmetic to the next.
    return "the embedding of text \(place / dimension) holds \(vectors[place].isNaN ? "nan" : "\(vectors[place])")"
  }
}
