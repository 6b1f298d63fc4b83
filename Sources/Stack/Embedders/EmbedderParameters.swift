extension EmbedderSpecification {
  /// - Throws: `EmbedderError` for a parameter that the kind does not have, with those that it has.
  func check(known: [String]) throws {
    for name in parameters.keys.sorted() where !known.contains(name) {
      throw EmbedderError("'\(kind)' has no parameter \(name); it knows \(known.joined(separator: ", "))")
    }
  }

  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
    guard let text = parameters[name] else { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw EmbedderError(
        "\(name) of '\(kind)' must be an integer from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return value
  }

  func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, default fallback: Choice
  ) throws -> Choice {
    guard let text = parameters[name] else { return fallback }
    guard let value = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw EmbedderError("\(name) of '\(kind)' must be one of \(known), not '\(text)'")
    }
    return value
  }
}
