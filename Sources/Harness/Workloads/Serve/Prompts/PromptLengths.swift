/// What a server counts of prompts made of known numbers of words: learnt from its answers, so that prompts come to have the
/// lengths that are wanted of them.
package struct PromptLengths: Sendable {
  /// Whether a tokenizer has told that each word is one token, so that only what the server adds is learnt.
  private let isExact: Bool
  /// Tokens that are added to any prompt, as long as no server has counted.
  private let added: Int
  private var count = 0.0
  private var words = 0.0
  private var tokens = 0.0
  private var squares = 0.0
  private var products = 0.0

  init(isExact: Bool, added: Int) {
    self.isExact = isExact
    self.added = added
  }

  package mutating func learn(words: Int, tokens: Int) {
    let (w, t) = (Double(words), Double(tokens))
    count += 1
    self.words += w
    self.tokens += t
    squares += w * w
    products += w * t
  }

  /// Words of a prompt that is to have so many tokens; at least 1.
  package func words(of tokens: Int) -> Int {
    let (slope, intercept) = line
    return max(1, Int(((Double(tokens) - intercept) / slope).rounded()))
  }

  /// Least shares of a word's tokens, and most, that are believed: outside of them a server counts something else.
  private static let slopes = 0.25...8.0

  /// Tokens of a word, and of a prompt without any: the least squares line, or where all prompts were of one length, the one
  /// through their mean.
  private var line: (slope: Double, intercept: Double) {
    guard count > 0 else { return (1, Double(added)) }
    let (meanWords, meanTokens) = (words / count, tokens / count)
    let variance = squares / count - meanWords * meanWords
    let spread = 0.05 * meanWords
    if !isExact, count >= 3, variance > spread * spread {
      let slope = (products / count - meanWords * meanTokens) / variance
      if Self.slopes.contains(slope) { return (slope, meanTokens - slope * meanWords) }
    }
    // What is added to a prompt is a few tokens; more are of the words.
    let excess = meanTokens - meanWords
    if isExact || abs(excess) <= Self.mostAdded { return (1, excess) }
    return (min(max(meanTokens / meanWords, Self.slopes.lowerBound), Self.slopes.upperBound), 0)
  }

  /// Tokens of a chat template.
  private static let mostAdded = 48.0
}
