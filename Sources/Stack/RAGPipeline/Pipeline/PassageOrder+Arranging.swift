extension PassageOrder {
  /// Passages, or what was made of them, as they stand in the prompt.
  ///
  /// - Parameter sources: the best first.
  public func arranged<Element>(_ sources: [Element]) -> [Element] {
    switch self {
    case .bestFirst: return sources
    case .bestLast: return sources.reversed()
    case .bestEnds:
      // From the end inwards and from the beginning inwards, by turns.
      let odd = stride(from: 1, to: sources.count, by: 2).map { sources[$0] }
      let even = stride(from: 0, to: sources.count, by: 2).map { sources[$0] }
      return odd + even.reversed()
    }
  }
}

extension DuplicateRule {
  /// The first passage of those that are the same, in their order.
  public func firsts(of found: [Passage]) -> [Passage] {
    var seen: Set<String> = []
    switch self {
    case .keep: return found
    case .text: return found.filter { seen.insert($0.text).inserted }
    case .document: return found.filter { seen.insert($0.document).inserted }
    }
  }
}
