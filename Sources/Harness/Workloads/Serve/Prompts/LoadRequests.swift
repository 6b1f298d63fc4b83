internal import Generation
package import GenerationClient
internal import ModelFiles

/// What a load sends: sessions of one or more turns, by number and without end; behind the last of the source its first comes
/// again, a text as it was, a prompt that only has a length in other words.
///
/// What is random about a request is of the seed and its number alone, whatever was sent before it.
package struct LoadRequests: Sendable {
  /// One prompt of a session.
  struct Turn: Sendable, Hashable {
    var prompt: RequestSet.Prompt
    var outputTokens: Int
    /// Without what is put before it; nil where nothing tells.
    var promptTokens: Int?
  }

  package let name: String
  /// SHA-256 over prompts, lengths, times and the shape.
  package let contentHash: String
  /// Rows, and turns of sessions, that are longer than the model takes.
  package let leftOut: Int
  /// When the sessions of a trace begin, in scaled seconds from the beginning of the replay; nil: the source has no times.
  package let arrivals: [Double]?
  package let shape: RequestShape
  let turns: [Turn]
  /// Places in `turns`.
  let sessions: [Range<Int>]
  let words: SyntheticWords
  /// What is known of lengths before the first answer.
  package let lengths: PromptLengths
  let vocabulary: Int?
  let passages: PassageDraw?
  package internal(set) var seed: UInt64

  /// Sessions after which they begin anew.
  package var distinctSessions: Int { sessions.count }

  /// Whether some prompts are texts, which are the same in every pass, and so may be in a server's prefix cache.
  package var hasTexts: Bool { turns.contains { !$0.isSynthetic } }

  /// Requests as long as these in other words, so that no prefix cache knows them.
  package func reworded(seed: UInt64) -> LoadRequests {
    var requests = self
    requests.seed = seed
    return requests
  }

  package func turnCount(ofSession number: Int) -> Int { sessions[number % sessions.count].count }
}

/// A request, and how long its prompt and each of its outputs are to be, as far as that is known.
package struct LoadRequest: Sendable {
  package var request: ClientRequest
  /// Asked for as an exact length, or counted by the tokenizer.
  package var promptTokens: Int?
  package var outputTokens: Int
  /// Of a prompt that is made of words, by which its length can be learnt.
  package var words: Int?

  /// Tokens of English text in bytes of UTF-8, where nothing better is known.
  private static let bytesPerToken = 4

  /// What there is to predict with.
  package var expectedPromptTokens: Int {
    if let promptTokens { return promptTokens }
    return switch request.prompt {
    case .tokens(let ids): ids.count
    case .text(let text): text.utf8.count / Self.bytesPerToken
    case .messages(let messages): messages.reduce(0) { $0 + $1.content.utf8.count } / Self.bytesPerToken
    }
  }
}
