internal import JSON

/// What a null server has to know of a request: how many chunks of which form to send.
struct NullRequest: Hashable {
  var isChat: Bool
  var outputs: Int
  var tokens: Int
  var streams: Bool
  var includesUsage: Bool
  var continuousUsage: Bool
  var tellsIDs: Bool
  var promptTokens: Int

  /// Nil for a body that is no request, or one for more than a run would ask for.
  init?(_ body: [UInt8], isChat: Bool) {
    guard let request = body.withUnsafeBytes({ try? JSONValue.parse($0) }), request.object != nil else { return nil }
    self.isChat = isChat
    outputs = request["n"]?.integer ?? 1
    tokens = request["max_completion_tokens"]?.integer ?? request["max_tokens"]?.integer ?? Self.usualTokens
    guard Self.outputBounds.contains(outputs), Self.tokenBounds.contains(tokens) else { return nil }
    streams = request["stream"]?.bool ?? false
    let options = request["stream_options"]
    includesUsage = options?["include_usage"]?.bool ?? false
    continuousUsage = includesUsage && options?["continuous_usage_stats"]?.bool ?? false
    tellsIDs = request["return_token_ids"]?.bool ?? false
    let prompt = request["prompt"]
    promptTokens = prompt?.array?.count ?? max(1, (prompt?.string?.utf8.count ?? 0) / Self.bytesPerToken)
  }

  /// OpenAI's default of completions.
  private static let usualTokens = 16
  private static let outputBounds = 1...128
  private static let tokenBounds = 1...100_000
  /// English text has about four letters a token; nothing but the count in the usage comes of it.
  private static let bytesPerToken = 4
}
