internal import Datasets
internal import Documents
internal import Embedders
internal import Instrumentation

/// The vectors of a corpus's chunks, and what they cost.
struct EmbeddedChunks {
  let vectors: VectorSet
  let seconds: Double
  /// Tokens of each chunk that were read, and that were cut off; empty where the embedder does not count.
  let tokens: [Int]
  let truncatedTokens: [Int]

  /// - Throws: `EmbedderError`, and `EngineError` for an answer that does not fit the question.
  init(_ texts: [String], embedder: any Embedder, batch: Int) throws {
    var values: [Float] = []
    values.reserveCapacity(texts.count * embedder.dimension)
    var tokens: [Int] = []
    var truncatedTokens: [Int] = []
    var seconds = 0.0
    for first in stride(from: 0, to: texts.count, by: batch) {
      let slice = Array(texts[first..<min(first + batch, texts.count)])
      let start = MonotonicClock.now()
      let embedded = try embedder.embed(slice, as: .document)
      seconds += MonotonicClock.seconds(from: start, to: MonotonicClock.now())
      try embedded.check(texts: slice.count, of: embedder)
      values += embedded.values
      tokens += embedded.tokens
      truncatedTokens += embedded.truncatedTokens
    }
    vectors = try VectorSet(dimension: embedder.dimension, values: values)
    self.seconds = seconds
    self.tokens = tokens
    self.truncatedTokens = truncatedTokens
  }
}

/// The vectors of a corpus's questions, each embedded by a call of its own, as a server would.
struct EmbeddedQuestions {
  let vectors: VectorSet
  /// Of each call.
  let nanoseconds: [UInt64]
  let truncatedTokens: [Int]

  /// - Throws: as `EmbeddedChunks.init`.
  init(_ questions: [Question], embedder: any Embedder) throws {
    var values: [Float] = []
    values.reserveCapacity(questions.count * embedder.dimension)
    var nanoseconds: [UInt64] = []
    var truncatedTokens: [Int] = []
    // The first calls of a model touch its weights for the first time; they are run and left out.
    for question in questions.prefix(8) { _ = try embedder.embed([question.text], as: .query) }
    for question in questions {
      let start = MonotonicClock.now()
      let embedded = try embedder.embed([question.text], as: .query)
      nanoseconds.append(MonotonicClock.now() - start)
      try embedded.check(texts: 1, of: embedder)
      values += embedded.values
      truncatedTokens += embedded.truncatedTokens
    }
    vectors = try VectorSet(dimension: embedder.dimension, values: values)
    self.nanoseconds = nanoseconds
    self.truncatedTokens = truncatedTokens
  }
}

extension EmbeddingBatch {
  /// - Throws: `EngineError` for another number of vectors, values that are not finite, or counts that do not match.
  fileprivate func check(texts: Int, of embedder: any Embedder) throws {
    guard dimension == embedder.dimension, values.count == texts * dimension else {
      throw EngineError(
        "embedder \(embedder.name) answered \(values.count) values for \(texts) texts of \(embedder.dimension) dimensions"
      )
    }
    guard values.allSatisfy(\.isFinite) else {
      throw EngineError("embedder \(embedder.name) answered values that are not finite")
    }
    guard [0, texts].contains(tokens.count), [0, texts].contains(truncatedTokens.count) else {
      throw EngineError("embedder \(embedder.name) counted tokens of \(tokens.count) texts, not of \(texts)")
    }
  }
}
