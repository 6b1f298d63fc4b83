internal import GenerationClient

/// Tokens of each chunk of a choice, the first included, in turn.
struct ChunkTokens {
  private let first: Int
  /// Where nothing tells how a server bundles, its tokens are spread evenly over so many chunks.
  private let spread: (tokens: Int, chunks: Int)?
  private var place = 0

  init(_ choice: ChoiceOutcome) {
    let told = choice.gaps.reduce(0) { $0 + $1.tokens }
    first = max(0, choice.tokens - told)
    let saysNothing = first > 1 && !choice.gaps.isEmpty && choice.gaps.allSatisfy { $0.tokens <= 1 }
    spread = saysNothing ? (choice.tokens, choice.gaps.count + 1) : nil
  }

  /// - Parameter told: what the chunk's gap says; nothing of the first.
  mutating func next(_ told: Int) -> Int {
    defer { place += 1 }
    guard let spread else { return place == 0 ? first : told }
    return (place + 1) * spread.tokens / spread.chunks - place * spread.tokens / spread.chunks
  }
}

extension ChoiceOutcome {
  /// Nanoseconds from one token to the next; nil below two tokens.
  var tpot: Double? {
    guard tokens > 1, let firstToken, let lastToken, lastToken >= firstToken else { return nil }
    return Double(lastToken - firstToken) / Double(tokens - 1)
  }

  /// Nanoseconds from one chunk to the next.
  var meanGap: Double? {
    guard !gaps.isEmpty else { return nil }
    return Double(gaps.reduce(0) { $0 &+ $1.nanoseconds }) / Double(gaps.count)
  }
}

extension TokenCounting {
  /// Whether its numbers of tokens deserve more trust.
  func isSurer(than other: TokenCounting) -> Bool {
    let order = TokenCounting.allCases
    return (order.firstIndex(of: self) ?? 0) < (order.firstIndex(of: other) ?? 0)
  }
}

extension ServiceLevels {
  /// Whether a completed request kept all of them.
  func areKept(by outcome: RequestOutcome) -> Bool {
    func keeps(_ nanoseconds: Double?, _ level: Double?) -> Bool {
      guard let nanoseconds, let level else { return true }
      return nanoseconds <= level * 1e9
    }
    guard keeps(Double(outcome.ended &- outcome.intended), e2e) else { return false }
    return outcome.choices.allSatisfy { choice in
      keeps(choice.firstToken.map { Double($0 &- outcome.intended) }, ttft) && keeps(choice.meanGap, itl)
        && keeps(choice.tpot, tpot)
    }
  }
}
