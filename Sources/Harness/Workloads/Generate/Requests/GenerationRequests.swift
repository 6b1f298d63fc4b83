internal import Statistics
internal import Tokenizers

/// A prompt with the lengths of the outputs that are wanted of it. An output ends when it has its length, and not before.
package struct OfflineRequest: Sendable, Equatable {
  package var prompt: [Int32]
  /// One an output.
  package var outputLengths: [Int]
  /// What a client asks for that may not know these lengths: at least the longest.
  package var maxTokens: Int

  package init(prompt: [Int32], outputLengths: [Int], maxTokens: Int) {
    self.prompt = prompt
    self.outputLengths = outputLengths
    self.maxTokens = maxTokens
  }
}

/// All requests of a pass. A class, so that what was made of them once can be found again.
package final class GenerationRequests: Sendable {
  package let requests: [OfflineRequest]

  package init(_ requests: [OfflineRequest]) {
    self.requests = requests
  }

  package var outputs: Int { requests.reduce(0) { $0 + $1.outputLengths.count } }
  package var promptTokens: Int { requests.reduce(0) { $0 + $1.prompt.count } }
  package var outputTokens: Int { requests.reduce(0) { $0 + $1.outputLengths.reduce(0, +) } }
}

/// How many tokens a client asks for.
package enum TokenLimit: Sendable, Hashable {
  /// Just as many as come.
  case exact
  /// As many as the model has room for.
  case model
  case tokens(Int)
}

extension RequestSet {
  /// The requests as a model reads them, each with `n` outputs.
  ///
  /// - Parameters:
  ///   - vocabulary: size of the model's; prompts that only have a length are random tokens of it, which share no beginning.
  ///   - tokenizer: of the model; nil where it has none, as in a simulation.
  /// - Throws: `EngineError` for words without a tokenizer, and for a prompt that is longer than the model takes.
  func requests(
    n: Int, asking: TokenLimit, limit: Int, vocabulary: Int, tokenizer: (any Tokenizer)?
  ) throws -> GenerationRequests {
    GenerationRequests(
      try requests.enumerated().map { number, request in
        let outputs = Array(request.outputs.prefix(n))
        let longest = outputs.max() ?? 1
        let prompt = try tokens(request.prompt, number, vocabulary, tokenizer)
        guard prompt.count + longest <= limit else {
          throw EngineError(
            "request \(number) of \(name) has \(prompt.count) tokens and asks for \(longest); max_model_len is \(limit)"
          )
        }
        let room = limit - prompt.count
        let asked =
          switch asking {
          case .exact: longest
          case .model: room
          case .tokens(let count): max(longest, min(count, room))
          }
        return OfflineRequest(prompt: prompt, outputLengths: outputs, maxTokens: asked)
      })
  }

  private func tokens(
    _ prompt: Prompt, _ number: Int, _ vocabulary: Int, _ tokenizer: (any Tokenizer)?
  ) throws -> [Int32] {
    switch prompt {
    case .text(let text):
      guard let tokenizer else {
        throw EngineError("\(name) holds words, and this model has no tokenizer; take lengths")
      }
      let ids = tokenizer.encode(text, addSpecialTokens: true).ids
      guard !ids.isEmpty else { throw EngineError("request \(number) of \(name) has no tokens") }
      return ids
    case .length(let length):
      return SyntheticTokens.ids(length, vocabulary: vocabulary, seed: seed, number: number)
    }
  }
}

/// Prompts that only have a length, as random tokens, which share no beginning.
enum SyntheticTokens {
  /// The same for the same seed and number, and for a greater length with the same beginning.
  static func ids(_ length: Int, vocabulary: Int, seed: UInt64, number: Int) -> [Int32] {
    var random = SplitMix64(seed: seed ^ UInt64(number) &* 0xD1B5_4A32_D192_ED03)
    // Special tokens stand at the ends of vocabularies.
    let first = vocabulary > 1000 ? 256 : 0
    let range = Int32(first)..<Int32(max(first + 1, min(vocabulary * 9 / 10, 1 << 20)))
    return (0..<length).map { _ in Int32.random(in: range, using: &random) }
  }
}
