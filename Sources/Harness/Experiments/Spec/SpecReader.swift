internal import Spelling
package import YAML

/// Reads one mapping of an experiment by key and type. A value that is wrong is reported and replaced by the default, so
/// that reading goes on and finds the other mistakes too; `finish` reports the keys that nobody asked for.
package final class SpecReader {
  package let node: YAMLNode
  /// The path of this mapping from the top.
  package let path: String
  package let problems: SpecProblems
  private var asked: [String] = []

  /// A node that is no mapping is reported, and reads as an empty one. Nothing at all is an empty mapping.
  package init(_ node: YAMLNode, path: String, problems: SpecProblems) {
    self.node = node
    self.path = path
    self.problems = problems
    if node.mapping == nil, !node.isNull {
      report(node, path, "must be a mapping of keys to values, not \(node.kind)")
    }
  }

  /// The value of `key`, if it was given and is not null. Marks the key as known.
  package func value(_ key: String) -> YAMLNode? {
    if !asked.contains(key) { asked.append(key) }
    guard let value = node[key], !value.isNull else { return nil }
    return value
  }

  package func has(_ key: String) -> Bool { value(key) != nil }

  /// Reports a mistake in the value of `key`.
  package func report(_ key: String, _ reason: String) {
    report(node[key] ?? node, subpath(key), reason)
  }

  /// Reports a mistake in this mapping as a whole.
  package func report(_ reason: String) { report(node, path, reason) }

  /// A mapping below `key`; `nil` where there is none.
  package func mapping(_ key: String) -> SpecReader? {
    value(key).map { SpecReader($0, path: subpath(key), problems: problems) }
  }

  /// The elements of a list below `key`; a value that is no list is a list of itself.
  package func elements(_ key: String) -> [SpecElement] {
    guard let value = value(key) else { return [] }
    guard let sequence = value.sequence else {
      return [SpecElement(node: value, path: subpath(key), problems: problems)]
    }
    return sequence.enumerated().map { index, node in
      SpecElement(node: node, path: "\(subpath(key))[\(index)]", problems: problems)
    }
  }

  /// Marks `key` as known and says nothing more about it.
  package func allow(_ key: String) { _ = value(key) }

  /// Reports every key that was not asked for, with the nearest known one. Keys that begin with "x-" hold anchors.
  package func finish() {
    for entry in node.mapping ?? [] where !asked.contains(entry.key) && !entry.key.hasPrefix("x-") {
      let hint = Spelling.hint(for: entry.key, among: asked)
      problems.report(
        SpecProblem(place: entry.keyPlace, key: subpath(entry.key), reason: "unknown key '\(entry.key)'; \(hint)"))
    }
  }

  func subpath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func report(_ node: YAMLNode, _ path: String, _ reason: String) {
    problems.report(SpecProblem(place: node.place, key: path, reason: reason))
  }
}

/// One element of a list in an experiment.
package struct SpecElement {
  package var node: YAMLNode
  package var path: String
  package var problems: SpecProblems

  package func report(_ reason: String) {
    problems.report(SpecProblem(place: node.place, key: path, reason: reason))
  }

  package var reader: SpecReader { SpecReader(node, path: path, problems: problems) }
}
