extension [String: String] {
  /// The integer of a parameter, or `fallback` when it is not given.
  ///
  /// - Throws: `invalidArgument` for anything else than an integer of the range.
  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(VectorIndexError) -> Int {
    guard let text = self[name] else { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw .invalidArgument(
        "\(name) is \(text); it must be an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The parameter as one of a few words.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, default fallback: Choice
  ) throws(VectorIndexError) -> Choice {
    guard let text = self[name] else { return fallback }
    guard let value = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalidArgument("\(name) is \(text); it must be one of \(known)")
    }
    return value
  }
}
