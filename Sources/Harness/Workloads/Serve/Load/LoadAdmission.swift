/// Decides which requests may be sent yet, by what it predicts of the server's KV memory.
package protocol LoadAdmission {
  /// Whether a request, by its number, may be sent now; it then counts as under way.
  mutating func admit(_ request: Int, promptTokens: Int, outputTokens: Int, outputs: Int) -> Bool
  /// Sends what would not be admitted, for nothing else is under way that would make room.
  mutating func force(_ request: Int, promptTokens: Int, outputTokens: Int, outputs: Int)
  /// Tokens of all its outputs that have come.
  mutating func progress(_ request: Int, tokens: Int)
  mutating func finished(_ request: Int)
}
