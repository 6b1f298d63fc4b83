internal import ModelFiles

/// How many tokens passages may take of a prompt, and what is cut where they would take more.
struct ContextBudget: Sendable {
  /// What fits.
  struct Fit: Equatable {
    /// The best first.
    var sources: [Passage]
    var cut: [Passage] = []
    /// What the passages take of the prompt; nil where nobody has counted.
    var tokens: Int?
  }

  private let limits: PromptLimits
  private let tokens: Int?
  /// Of the context, kept for the answer.
  private let reserve: Int

  /// The share of the context that an answer is kept at most, and that which one without a limit of its own is.
  private static let largestReserve = 2
  private static let usualReserve = 4

  /// - Returns: nil without limits, as nothing can be counted.
  /// - Throws: `RAGError` for a budget without limits or below 1, and for a model that cannot lay out a conversation.
  init?(_ limits: PromptLimits?, tokens: Int?, maxTokens: Int?, model: String) throws(RAGError) {
    if let tokens, tokens < 1 { throw RAGError("the budget is \(tokens) tokens; it must be at least 1") }
    guard let limits else {
      guard tokens == nil else {
        throw RAGError(
          "a budget of tokens needs the tokenizer of \(model), which is not here; leave the budget out, or name a model "
            + "whose tokenizer is")
      }
      return nil
    }
    do { _ = try limits.tokens([ChatMessage(role: "user", content: "?")]) } catch {
      throw RAGError(
        "\(model) cannot be told passages and a question (\(error)); choose a model that was tuned for conversations and "
          + "has a chat template")
    }
    self.limits = limits
    self.tokens = tokens
    reserve = min(
      maxTokens ?? limits.contextLength / Self.usualReserve, limits.contextLength / Self.largestReserve)
  }

  /// Keeps as many of the best passages as there is room for. If that is none, the best one keeps the beginning of its text.
  ///
  /// - Parameters:
  ///   - sources: the best first.
  ///   - prompt: the conversation with some of them.
  /// - Throws: `RAGError` if there is no room for any; what counting throws.
  /// - Complexity: O(log passages) prompts are counted; where all fit, two.
  func fit(_ sources: [Passage], prompt: ([Passage]) -> [ChatMessage]) throws -> Fit {
    let bare = try limits.tokens(prompt([]))
    let room = limits.contextLength - reserve - bare
    guard room > 0 else {
      throw RAGError(
        "the question and what goes with it take \(bare) tokens, and the model's context of \(limits.contextLength) keeps "
          + "\(reserve) of them for the answer; ask a shorter question, or choose a model with a longer context")
    }
    let allowed = min(tokens ?? room, room)
    func taken(_ sources: [Passage]) throws -> Int { try limits.tokens(prompt(sources)) - bare }
    let whole = try Self.most(sources.count) { try taken(Array(sources.prefix($0))) <= allowed }
    if whole > 0 || sources.isEmpty {
      let kept = Array(sources.prefix(whole))
      return Fit(sources: kept, cut: Array(sources.dropFirst(whole)), tokens: try taken(kept))
    }
    let (beginning, rest) = try halves(sources[0]) { try taken([$0]) <= allowed }
    guard let beginning else {
      throw RAGError(
        "\(allowed) tokens are left for passages, which is too few for a word of the best one; raise the budget, or choose "
          + "a model with a longer context")
    }
    return Fit(sources: [beginning], cut: [rest] + sources.dropFirst(), tokens: try taken([beginning]))
  }

  /// A passage cut behind the last word with which it fits; nil for one of which not a word does.
  private func halves(
    _ passage: Passage, fits: (Passage) throws -> Bool
  ) throws -> (beginning: Passage?, rest: Passage) {
    let text = passage.text
    let ends = text.indices.filter { index in
      let next = text.index(after: index)
      return !text[index].isWhitespace && (next == text.endIndex || text[next].isWhitespace)
    }.map { text.index(after: $0) }
    func part(_ range: Range<String.Index>) -> Passage {
      var part = passage
      part.text = String(text[range])
      return part
    }
    let words = try Self.most(ends.count) { try fits(part(text.startIndex..<ends[$0 - 1])) }
    guard words > 0 else { return (nil, passage) }
    return (part(text.startIndex..<ends[words - 1]), part(ends[words - 1]..<text.endIndex))
  }

  /// The largest count from 0 to `limit` that fits, if all below one that fits do; 0 need not be asked for.
  private static func most(_ limit: Int, fits: (Int) throws -> Bool) rethrows -> Int {
    if limit == 0 { return 0 }
    if try fits(limit) { return limit }
    var (low, high) = (0, limit)
    while high - low > 1 {
      let middle = (low + high) / 2
      if try fits(middle) { low = middle } else { high = middle }
    }
    return low
  }
}
