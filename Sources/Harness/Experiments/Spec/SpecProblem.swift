package import YAML

/// One mistake in an experiment: where it stands, which key it is about, and what would be right.
package struct SpecProblem: Sendable, Hashable, CustomStringConvertible {
  package var place: YAMLPlace
  /// The path of the key from the top: "experiments[0].indexes[2].build.m".
  package var key: String
  package var reason: String

  package init(place: YAMLPlace, key: String, reason: String) {
    self.place = place
    self.key = key
    self.reason = reason
  }

  /// "file:line:column: key: reason"; of a word of the command line, the word says which key it is.
  package var description: String {
    key.isEmpty || place.line == 0 ? "\(place): \(reason)" : "\(place): \(key): \(reason)"
  }
}

/// Everything that is wrong with an experiment, in the order of the file.
package struct SpecError: Error, Sendable, Equatable, CustomStringConvertible {
  package var problems: [SpecProblem]

  package init(_ problems: [SpecProblem]) {
    self.problems = problems
  }

  package var description: String {
    if problems.count == 1 { return problems[0].description }
    return "\(problems.count) mistakes:\n" + problems.map { "  \($0)" }.joined(separator: "\n")
  }
}

/// Collects mistakes, so that one reading reports them all.
package final class SpecProblems {
  private var found: Set<SpecProblem> = []

  package init() {}

  package var isEmpty: Bool { found.isEmpty }

  package func report(_ problem: SpecProblem) { found.insert(problem) }

  /// - Throws: `SpecError` if anything was reported.
  package func check() throws(SpecError) {
    guard !found.isEmpty else { return }
    throw SpecError(
      found.sorted { one, other in
        (one.place.file, one.place.line, one.place.column, one.key, one.reason)
          < (other.place.file, other.place.line, other.place.column, other.key, other.reason)
      })
  }
}
