/// The tokens that penalties look at: how often each was generated, and which the prompt holds.
struct TokenHistory {
  /// Every token once.
  private var tokens: [Int32] = []
  /// How often each was generated; 0 for those of the prompt alone.
  private var counts: [Int32] = []
  private var places: [Int32: Int] = [:]

  init(prompt: [Int32]) {
    for token in prompt where places[token] == nil { place(token, count: 0) }
  }

  private mutating func place(_ token: Int32, count: Int32) {
    places[token] = tokens.count
    tokens.append(token)
    counts.append(count)
  }

  mutating func append(_ token: Int32) {
    if let place = places[token] { counts[place] += 1 } else { place(token, count: 1) }
  }

  /// Every token once, with how often it was generated.
  var entries: Zip2Sequence<[Int32], [Int32]> { zip(tokens, counts) }
}
