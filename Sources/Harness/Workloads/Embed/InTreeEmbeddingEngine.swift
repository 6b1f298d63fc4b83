package import Embedders
internal import Instrumentation

/// An embedder of the stack, measured in this process.
package final class InTreeEmbeddingEngine: EmbeddingEngine {
  private let make: (_ threads: Int) throws -> any Embedder
  private var embedder: (any Embedder)?

  package init(make: @escaping (_ threads: Int) throws -> any Embedder) {
    self.make = make
  }

  package func load(threads: Int) throws -> Double {
    let start = MonotonicClock.now()
    embedder = try make(threads)
    return MonotonicClock.seconds(from: start, to: MonotonicClock.now())
  }

  package func privateBytes() -> Int? {
    // Pages that earlier engines gave back to the allocator alone would hide what this one takes.
    Allocator.returnFreePages()
    return ProcessMemory.read().map { Int($0.privateBytes) }
  }

  package func close() { embedder = nil }

  /// Where the embedder tokenises here, its passes start from the tokens; another is given the texts.
  package func embed(_ texts: EmbeddingTexts, batch: Int) throws -> EmbeddingPass {
    guard let embedder else { throw EngineError("the embedder was not loaded") }
    guard let model = embedder as? any TokenEmbedder, let tokens = texts.tokens else {
      let slices = texts.texts.slices(of: batch)
      return try timed(slices.map { Array($0) }, dimension: embedder.dimension) {
        try embedder.embed($0, as: .document)
      }
    }
    let start = MonotonicClock.now()
    let read = try model.tokenize(texts.texts, as: .document)
    let tokenizeSeconds = MonotonicClock.seconds(from: start, to: MonotonicClock.now())
    guard read == tokens else {
      throw EngineError("\(embedder.name) made other tokens of the same texts than before")
    }
    var pass = try timed(tokens.slices(of: batch), dimension: embedder.dimension) { try model.embed($0) }
    pass.tokenizeSeconds = tokenizeSeconds
    return pass
  }

  private func timed<Input>(
    _ inputs: [Input], dimension: Int, _ embed: (Input) throws -> EmbeddingBatch
  ) throws -> EmbeddingPass {
    var answers: [EmbeddingBatch] = []
    var latencies: [UInt64] = []
    answers.reserveCapacity(inputs.count)
    latencies.reserveCapacity(inputs.count)
    let start = MonotonicClock.now()
    for input in inputs {
      let before = MonotonicClock.now()
      let answer = try embed(input)
      latencies.append(MonotonicClock.now() - before)
      answers.append(answer)
    }
    let seconds = MonotonicClock.seconds(from: start, to: MonotonicClock.now())
    return EmbeddingPass(
      dimension: dimension, vectors: answers.flatMap(\.values), latencies: latencies, seconds: seconds)
  }
}

extension Array {
  /// The elements in slices of `size`, the last may be shorter.
  func slices(of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min(count, $0 + size)] }
  }
}

extension TokenizedTexts {
  /// The texts in slices of `size`, the last may be shorter.
  func slices(of size: Int) -> [TokenizedTexts] {
    stride(from: 0, to: count, by: size).map { first in
      let end = min(count, first + size)
      return TokenizedTexts(
        ids: Array(ids[offsets[first]..<offsets[end]]), offsets: offsets[first...end].map { $0 - offsets[first] },
        truncatedTokens: truncatedTokens.isEmpty ? [] : Array(truncatedTokens[first..<end]))
    }
  }

  /// The texts of these numbers, in that order.
  func picked(_ numbers: [Int]) -> TokenizedTexts {
    var picked = TokenizedTexts()
    for number in numbers {
      picked.ids += ids[offsets[number]..<offsets[number + 1]]
      picked.offsets.append(picked.ids.count)
      if !truncatedTokens.isEmpty { picked.truncatedTokens.append(truncatedTokens[number]) }
    }
    return picked
  }
}
