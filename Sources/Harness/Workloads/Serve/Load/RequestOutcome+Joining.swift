internal import GenerationClient

extension RequestOutcome {
  /// Of requests that were sent at once in place of one with as many outputs: it ends with the last, and fails if one does.
  ///
  /// - Parameter parts: at least one.
  init(joining parts: [RequestOutcome]) {
    guard parts.count > 1 else {
      self = parts[0]
      return
    }
    let failure = parts.lazy.compactMap { part in if case .failed = part.status { part.status } else { nil } }.first
    let isCancelled = parts.contains { $0.status == .cancelled }
    self.init(
      status: failure ?? (isCancelled ? .cancelled : .completed), intended: parts.map(\.intended).min() ?? 0,
      ended: parts.map(\.ended).max() ?? 0, outputs: 0)
    sent = parts.compactMap(\.sent).min()
    attempts = parts.map(\.attempts).max() ?? 0
    choices = parts.flatMap(\.choices)
    // The server reads the prompt once for each.
    promptTokens = Self.sum(parts.map(\.promptTokens))
    cachedPromptTokens = Self.sum(parts.map(\.cachedPromptTokens))
    counting = parts.map(\.counting).reduce(.ids) { $0.isSurer(than: $1) ? $1 : $0 }
    receivedBytes = parts.reduce(0) { $0 + $1.receivedBytes }
  }

  private static func sum(_ counts: [Int?]) -> Int? {
    counts.allSatisfy { $0 == nil } ? nil : counts.reduce(0) { $0 + ($1 ?? 0) }
  }
}
