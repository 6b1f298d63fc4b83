internal import Spelling
package import YAML

/// One parameter with every value it takes: a scalar, a list of them, `{from: 10, to: 100, step: 10}` (or `factor: 2`),
/// or in one word `10..100+10`, `10..160*2` and `1..4`; the word inside a list too.
package struct GridAxis: Sendable, Equatable {
  package var name: String
  /// As they are written, in order, none twice.
  package var values: [String]

  package init(name: String, values: [String]) {
    self.name = name
    self.values = values
  }

  /// Reports what is wrong and gives `nil` where no value can be read.
  package init?(_ name: String, _ node: YAMLNode, path: String, problems: SpecProblems) {
    var values: [String] = []
    var seen: Set<String> = []
    for element in node.sequence ?? [node] {
      do {
        for value in try Self.expand(element) where seen.insert(value).inserted { values.append(value) }
      } catch {
        problems.report(SpecProblem(place: element.place, key: path, reason: error.reason))
        return nil
      }
    }
    guard !values.isEmpty else {
      problems.report(SpecProblem(place: node.place, key: path, reason: "an empty list; give at least one value"))
      return nil
    }
    self.init(name: name, values: values)
  }

  /// What is wrong with an axis's values.
  package struct Mistake: Error, Equatable {
    package var reason: String
  }

  /// More values than anyone measures; a slip of the keyboard must not fill the memory.
  private static let limit = 10_000

  private static func expand(_ node: YAMLNode) throws(Mistake) -> [String] {
    if node.mapping != nil { return try expandRange(node) }
    guard let text = node.string else {
      throw Mistake(reason: "must be a value, a list of values or a range, not \(node.kind)")
    }
    if case .scalar(let scalar) = node.content, scalar.isString { return [text] }
    return try expand(text)
  }

  /// The values of one word: itself, or those of the range that it writes.
  package static func expand(_ text: String) throws(Mistake) -> [String] {
    guard let dots = text.firstRange(of: "..") else { return [text] }
    let operators = text[dots.upperBound...].firstIndex { $0 == "+" || $0 == "*" }
    let end = operators ?? text.endIndex
    guard let from = Double(text[..<dots.lowerBound]), let to = Double(text[dots.upperBound..<end]) else {
      return [text]
    }
    guard let operators else { return try series(from: from, to: to, step: 1, factor: nil) }
    guard let amount = Double(text[text.index(after: operators)...]) else {
      throw Mistake(reason: "'\(text)' is no range; write 10..100+10 or 10..160*2")
    }
    return text[operators] == "*"
      ? try series(from: from, to: to, step: nil, factor: amount)
      : try series(from: from, to: to, step: amount, factor: nil)
  }

  private static func expandRange(_ node: YAMLNode) throws(Mistake) -> [String] {
    let known = ["from", "to", "step", "factor"]
    for entry in node.mapping ?? [] where !known.contains(entry.key) {
      throw Mistake(reason: "a range has no key '\(entry.key)'; \(Spelling.hint(for: entry.key, among: known))")
    }
    guard let from = node["from"]?.double, let to = node["to"]?.double else {
      throw Mistake(reason: "a range needs the numbers 'from' and 'to'")
    }
    guard node["step"] == nil || node["factor"] == nil else {
      throw Mistake(reason: "a range has a 'step' or a 'factor', not both")
    }
    if let factor = node["factor"] {
      guard let number = factor.double else {
        throw Mistake(reason: "'factor' must be a number, not \(factor.kind)")
      }
      return try series(from: from, to: to, step: nil, factor: number)
    }
    guard let step = node["step"] else { return try series(from: from, to: to, step: 1, factor: nil) }
    guard let number = step.double else {
      throw Mistake(reason: "'step' must be a number, not \(step.kind)")
    }
    return try series(from: from, to: to, step: number, factor: nil)
  }

  private static func series(from: Double, to: Double, step: Double?, factor: Double?) throws(Mistake) -> [String] {
    guard from.isFinite, to.isFinite, from <= to else {
      throw Mistake(reason: "a range runs upwards, from \(from) it cannot reach \(to)")
    }
    if let step, !(step > 0 && step.isFinite) {
      throw Mistake(reason: "a range's step must be above 0, not \(step)")
    }
    if let factor, !(factor > 1 && factor.isFinite && from > 0) {
      throw Mistake(reason: "a range's factor must be above 1 and its start above 0")
    }
    var values: [String] = []
    var value = from
    // The end belongs to the range even where steps such as 0.1 do not add up to it exactly.
    while value <= to + abs(to) * 1e-12 {
      guard values.count < limit else { throw Mistake(reason: "a range of more than \(limit) values") }
      values.append(text(value))
      value = factor.map { value * $0 } ?? from + Double(values.count) * (step ?? 1)
    }
    return values
  }

  private static func text(_ value: Double) -> String {
    if let integer = Int(exactly: value) { return String(integer) }
    // 0.1 + 2 × 0.1 must read 0.3, whatever binary fractions make of it.
    let rounded = (value * 1e9).rounded() / 1e9
    return Int(exactly: rounded).map(String.init) ?? String(rounded)
  }
}

/// One choice of a value for every parameter, in the order in which they were written.
package struct ParameterPoint: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    package var name: String
    package var value: String
  }

  package var entries: [Entry]

  package init(_ entries: [Entry] = []) {
    self.entries = entries
  }

  package subscript(name: String) -> String? { entries.first { $0.name == name }?.value }

  /// "m=16,ef_construction=200"
  package var label: String { entries.map { "\($0.name)=\($0.value)" }.joined(separator: ",") }

  package var dictionary: [String: String] { Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.value) }) }
}

/// Parameters by name with the values each takes.
package struct ParameterGrid: Sendable, Equatable {
  package var axes: [GridAxis]

  package init(axes: [GridAxis] = []) {
    self.axes = axes
  }

  /// Reads a mapping of names to values, lists or ranges; what is wrong is reported and left out.
  package init(_ reader: SpecReader) {
    axes = (reader.node.mapping ?? []).compactMap { entry in
      GridAxis(entry.key, entry.value, path: reader.subpath(entry.key), problems: reader.problems)
    }
  }

  /// Every combination; the last parameter varies fastest. One point without entries where there is no parameter.
  ///
  /// - Complexity: the product of the axes' lengths.
  package var points: [ParameterPoint] {
    axes.reduce([ParameterPoint()]) { points, axis in
      points.flatMap { point in
        axis.values.map { ParameterPoint(point.entries + [.init(name: axis.name, value: $0)]) }
      }
    }
  }
}
