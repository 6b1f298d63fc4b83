/// What one event of a stream, or a whole answer, says.
package struct CompletionChunk: Sendable, Equatable {
  package struct Choice: Sendable, Equatable {
    package var index = 0
    /// Whether it carries text of any kind: content, reasoning, a refusal, calls of tools.
    package var hasText = false
    /// Content; empty unless texts are kept.
    package var text = ""
    /// How many token ids it carries; nil: the server tells none.
    package var tokenCount: Int?
    /// Empty unless texts are kept.
    package var tokenIDs: [Int32] = []
    package var finishReason: String?
  }

  package struct Usage: Sendable, Equatable {
    package var promptTokens: Int?
    package var completionTokens: Int?
    package var cachedTokens: Int?

    package init(promptTokens: Int? = nil, completionTokens: Int? = nil, cachedTokens: Int? = nil) {
      self.promptTokens = promptTokens
      self.completionTokens = completionTokens
      self.cachedTokens = cachedTokens
    }
  }

  package var choices: [Choice] = []
  package var usage: Usage?
  /// The message of an error object.
  package var error: String?

  package init() {}

  mutating func clear() {
    choices.removeAll(keepingCapacity: true)
    usage = nil
    error = nil
  }
}
