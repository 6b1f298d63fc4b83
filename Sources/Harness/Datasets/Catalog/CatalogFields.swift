import YAML

/// A mapping whose keys are all known.
struct CatalogFields {
  private let node: YAMLNode

  init(_ node: YAMLNode, known: [String]) throws {
    guard let entries = node.mapping else { throw YAMLError(node.place, "a mapping belongs here, not \(node.kind)") }
    for entry in entries where !known.contains(entry.key) {
      throw YAMLError(entry.keyPlace, "no key is called '\(entry.key)'; there are \(known.joined(separator: ", "))")
    }
    self.node = node
  }

  func optional(_ key: String) -> YAMLNode? { node[key] }

  func required(_ key: String) throws -> YAMLNode {
    guard let value = node[key] else { throw YAMLError(node.place, "'\(key)' is missing") }
    return value
  }

  func text(_ key: String) throws -> String {
    let value = try required(key)
    guard let text = value.string else { throw YAMLError(value.place, "\(key) must be text, not \(value.kind)") }
    return text
  }

  func count(_ key: String) throws -> Int {
    let value = try required(key)
    guard let count = value.int, count > 0 else {
      throw YAMLError(value.place, "\(key) must be a positive integer, not \(value.kind)")
    }
    return count
  }

  func list(_ key: String) throws -> [YAMLNode] {
    let value = try required(key)
    guard let list = value.sequence else { throw YAMLError(value.place, "\(key) must be a list, not \(value.kind)") }
    return list
  }
}
