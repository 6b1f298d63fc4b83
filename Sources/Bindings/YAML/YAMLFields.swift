/// A mapping whose keys are all known; every mistake has its place.
public struct YAMLFields {
  private let node: YAMLNode

  /// - Throws: `YAMLError` if the node is no mapping, or has a key that is not among `known`.
  public init(_ node: YAMLNode, known: [String]) throws(YAMLError) {
    guard let entries = node.mapping else { throw YAMLError(node.place, "a mapping belongs here, not \(node.kind)") }
    for entry in entries where !known.contains(entry.key) {
      throw YAMLError(entry.keyPlace, "no key is called '\(entry.key)'; there are \(known.joined(separator: ", "))")
    }
    self.node = node
  }

  /// In the order of the file.
  public var entries: [YAMLEntry] { node.mapping ?? [] }

  public func optional(_ key: String) -> YAMLNode? { node[key] }

  public func required(_ key: String) throws(YAMLError) -> YAMLNode {
    guard let value = node[key] else { throw YAMLError(node.place, "'\(key)' is missing") }
    return value
  }

  public func text(_ key: String) throws(YAMLError) -> String {
    let value = try required(key)
    guard let text = value.string else { throw YAMLError(value.place, "\(key) must be text, not \(value.kind)") }
    return text
  }

  public func count(_ key: String) throws(YAMLError) -> Int {
    let value = try required(key)
    guard let count = value.int, count > 0 else {
      throw YAMLError(value.place, "\(key) must be a positive integer, not \(value.kind)")
    }
    return count
  }

  public func list(_ key: String) throws(YAMLError) -> [YAMLNode] {
    let value = try required(key)
    guard let list = value.sequence else { throw YAMLError(value.place, "\(key) must be a list, not \(value.kind)") }
    return list
  }
}
