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

  package var description: String { key.isEmpty ? "\(place): \(reason)" : "\(place): \(key): \(reason)" }
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
      found.sorted {
        ($0.place.file, $0.place.line, $0.place.column, $0.key) < (
          $1.place.file, $1.place.line, $1.place.column, $1.key
        )
      })
  }
}
