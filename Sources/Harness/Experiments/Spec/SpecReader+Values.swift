internal import Spelling
internal import YAML

extension SpecReader {
  /// A word or sentence.
  package func text(_ key: String, default fallback: String) -> String {
    optionalText(key) ?? fallback
  }

  package func optionalText(_ key: String) -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value.string, !text.isEmpty else {
      report(key, "must be a word, not \(value.kind)")
      return nil
    }
    return text
  }

  package func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int) -> Int {
    guard let value = value(key) else { return fallback }
    guard let number = value.int, range.contains(number) else {
      report(key, "must be an integer \(Self.words(range)), not \(value.kind)")
      return fallback
    }
    return number
  }

  package func number(_ key: String, in range: ClosedRange<Double>, default fallback: Double) -> Double {
    guard let value = value(key) else { return fallback }
    guard let number = value.double, range.contains(number) else {
      report(key, "must be a number from \(range.lowerBound) to \(range.upperBound), not \(value.kind)")
      return fallback
    }
    return number
  }

  package func bool(_ key: String, default fallback: Bool) -> Bool {
    guard let value = value(key) else { return fallback }
    guard let bool = value.bool else {
      report(key, "must be true or false, not \(value.kind)")
      return fallback
    }
    return bool
  }

  /// One of an enumeration's words.
  package func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) -> Choice where Choice.RawValue == String {
    guard let value = value(key) else { return fallback }
    guard let word = value.string, let choice = Choice(rawValue: word) else {
      let known = Choice.allCases.map(\.rawValue)
      report(key, "\(value.kind) is no choice; \(Spelling.hint(for: value.string ?? "", among: known))")
      return fallback
    }
    return choice
  }

  /// The integers of a grid axis: one, a list, or a range (see `GridAxis`). Never empty, no number twice.
  package func integers(_ key: String, in range: ClosedRange<Int>, default fallback: [Int]) -> [Int] {
    values(key, default: fallback) { text in
      guard let number = Int(text), range.contains(number) else { return nil }
      return number
    } expected: {
      "must hold integers \(Self.words(range))"
    }
  }

  /// The numbers of a grid axis. Never empty, no number twice.
  package func numbers(_ key: String, in range: ClosedRange<Double>, default fallback: [Double]) -> [Double] {
    values(key, default: fallback) { text in
      guard let number = Double(text), range.contains(number) else { return nil }
      return number
    } expected: {
      "must hold numbers from \(range.lowerBound) to \(range.upperBound)"
    }
  }

  /// Words of an enumeration as a grid axis. Never empty, none twice.
  package func choices<Choice: RawRepresentable & CaseIterable & Hashable>(
    _ key: String, default fallback: [Choice]
  ) -> [Choice] where Choice.RawValue == String {
    values(key, default: fallback) {
      Choice(rawValue: $0)
    } expected: {
      "must hold some of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))"
    }
  }

  private func values<Value: Hashable>(
    _ key: String, default fallback: [Value], read: (String) -> Value?, expected: () -> String
  ) -> [Value] {
    guard let node = value(key) else { return fallback }
    guard let axis = GridAxis(key, node, path: subpath(key), problems: problems) else { return fallback }
    var values: [Value] = []
    var seen: Set<Value> = []
    for text in axis.values {
      guard let value = read(text) else {
        report(key, "\(expected()), not '\(text)'")
        return fallback
      }
      if seen.insert(value).inserted { values.append(value) }
    }
    return values
  }

  private static func words(_ range: ClosedRange<Int>) -> String {
    range.upperBound == .max ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
  }
}
