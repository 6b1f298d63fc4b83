internal import YAML

/// Puts the environment into a configuration: `${env.NAME}`, `${env.NAME:=otherwise}`, and `${env.NAME:+if set}`.
struct EnvironmentText {
  let environment: [String: String]

  /// - Throws: `YAMLError` with the place of a name that the environment does not have, or of a brace that is not closed.
  func filling(_ node: YAMLNode) throws(YAMLError) -> YAMLNode {
    var node = node
    switch node.content {
    case .scalar(var scalar):
      guard scalar.text.contains("${env.") else { return node }
      scalar.text = try fill(scalar.text[...], node.place)
      node.content = .scalar(scalar)
    case .sequence(let nodes):
      var filled: [YAMLNode] = []
      for node in nodes { filled.append(try filling(node)) }
      node.content = .sequence(filled)
    case .mapping(let entries):
      var filled: [YAMLEntry] = []
      for var entry in entries {
        entry.value = try filling(entry.value)
        filled.append(entry)
      }
      node.content = .mapping(filled)
    }
    return node
  }

  private func fill(_ text: Substring, _ place: YAMLPlace) throws(YAMLError) -> String {
    var output = ""
    var rest = text
    while let start = rest.firstRange(of: "${env.") {
      output += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.firstIndex(of: "}") else { throw YAMLError(place, "'${env.' is not closed by a brace") }
      output += try value(rest[..<end], place)
      rest = rest[rest.index(after: end)...]
    }
    return output + rest
  }

  private func value(_ word: Substring, _ place: YAMLPlace) throws(YAMLError) -> String {
    let name = String(word.prefix { $0 != ":" })
    let otherwise = word.dropFirst(name.count)
    let found = environment[name].flatMap { $0.isEmpty ? nil : $0 }
    switch otherwise.prefix(2) {
    case ":=": return found ?? String(otherwise.dropFirst(2))
    case ":+": return found == nil ? "" : String(otherwise.dropFirst(2))
    case "":
      guard let found else {
        throw YAMLError(place, "the environment has no \(name); set it, or write ${env.\(name):=VALUE}")
      }
      return found
    default: throw YAMLError(place, "behind the name in '${env.\(word)}' comes '}', ':=' or ':+'")
    }
  }
}
