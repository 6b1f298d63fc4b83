package import YAML

extension YAMLNode {
  /// This node with another laid over it: mappings key by key at every depth, anything else replaced as a whole.
  package func overlaid(by upper: YAMLNode) -> YAMLNode {
    guard case .mapping(var entries) = content, let above = upper.mapping else { return upper }
    for entry in above {
      if let index = entries.firstIndex(where: { $0.key == entry.key }) {
        entries[index].value = entries[index].value.overlaid(by: entry.value)
      } else {
        entries.append(entry)
      }
    }
    return YAMLNode(.mapping(entries), at: place)
  }

  /// This mapping without `key`.
  package func without(_ key: String) -> YAMLNode {
    guard case .mapping(let entries) = content else { return self }
    return YAMLNode(.mapping(entries.filter { $0.key != key }), at: place)
  }

  /// The same content in one fixed form: keys sorted, no comments, places or styles. Equal text, equal meaning.
  package var canonicalText: String {
    switch content {
    case .scalar(let scalar): scalar.isString ? quoted(scalar.text) : (isNull ? "null" : quoted(scalar.text))
    case .sequence(let nodes): "[" + nodes.map(\.canonicalText).joined(separator: ",") + "]"
    case .mapping(let entries):
      "{"
        + entries.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\($0.value.canonicalText)" }
        .joined(separator: ",") + "}"
    }
  }

  private func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}

/// One `--set key.path=value`.
///
/// A path from the top is `seed`, `target` or `experiments.N.…`, N being a section's number or name; any other path is taken in
/// every section. A list element is meant by its number, or by what it says under `name`, `index` or `adapter`.
package struct SpecOverride: Sendable {
  package var path: [String]
  package var value: YAMLNode
  let place: YAMLPlace

  /// The value is read as YAML: `--set ef=[10,20]`.
  ///
  /// - Throws: `SpecError` where there is no `=`, an empty path or no YAML.
  package init(_ word: String) throws(SpecError) {
    let place = YAMLPlace(file: "--set \(word)")
    guard let equals = word.firstIndex(of: "=") else {
      throw SpecError([SpecProblem(place: place, key: "", reason: "needs a key and a value: --set search.k=100")])
    }
    path = word[..<equals].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    self.place = place
    guard path.allSatisfy({ !$0.isEmpty }) else {
      throw SpecError([SpecProblem(place: place, key: "", reason: "has an empty part in its key; write --set k=100")])
    }
    do {
      value = try YAMLNode.parse(word[word.index(after: equals)...], file: place.file)
    } catch {
      throw SpecError([SpecProblem(place: error.place, key: "", reason: error.reason)])
    }
  }

  /// Whether it says what is laid over the sections, and so has to be known before they are.
  var choosesTarget: Bool { ["target", "targets"].contains(path[0]) }

  /// Sets the value in the document; a path that leads nowhere is reported.
  func apply(to root: inout YAMLNode, problems: SpecProblems) {
    if path[0] == "experiments" || ExperimentSpec.topKeys.contains(path[0]) {
      root = set(path[...], in: root, problems: problems)
      return
    }
    guard case .mapping(var entries) = root.content,
      let index = entries.firstIndex(where: { $0.key == "experiments" }),
      case .sequence(let sections) = entries[index].value.content
    else { return }
    entries[index].value.content = .sequence(sections.map { set(path[...], in: $0, problems: problems) })
    root.content = .mapping(entries)
  }

  private func set(_ path: ArraySlice<String>, in node: YAMLNode, problems: SpecProblems) -> YAMLNode {
    guard let key = path.first else { return value }
    var node = node
    switch node.content {
    case .sequence(var elements):
      guard let index = position(of: key, in: elements) else {
        problems.report(
          SpecProblem(
            place: place, key: self.path.joined(separator: "."),
            reason: "no element '\(key)' in this list of \(elements.count); use a number from 0 or a name"))
        return node
      }
      elements[index] = set(path.dropFirst(), in: elements[index], problems: problems)
      node.content = .sequence(elements)
    case .mapping(var entries):
      if let index = entries.firstIndex(where: { $0.key == key }) {
        entries[index].value = set(path.dropFirst(), in: entries[index].value, problems: problems)
      } else {
        let missing = YAMLNode(.mapping([]), at: place)
        entries.append(
          YAMLEntry(key: key, keyPlace: place, value: set(path.dropFirst(), in: missing, problems: problems)))
      }
      node.content = .mapping(entries)
    case .scalar:
      problems.report(
        SpecProblem(
          place: place, key: self.path.joined(separator: "."), reason: "\(node.kind) has no part named '\(key)'"))
    }
    return node
  }

  private func position(of key: String, in elements: [YAMLNode]) -> Int? {
    if let number = Int(key) { return elements.indices.contains(number) ? number : nil }
    return elements.firstIndex { element in
      element.string == key || ["name", "index", "adapter", "workload"].contains { element[$0]?.string == key }
    }
  }
}
