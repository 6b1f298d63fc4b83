/// Reading a node as a value, by the core schema of YAML 1.2 (section 10.3.2): `yes`, `on` and `017` are no booleans and
/// no octal numbers. Each answers `nil` where the node is something else.
extension YAMLNode {
  public var isNull: Bool {
    guard case .scalar(let scalar) = content, !scalar.isString else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
  }

  /// Any scalar but null, as it was written.
  public var string: String? {
    guard case .scalar(let scalar) = content, !isNull else { return nil }
    return scalar.text
  }

  public var bool: Bool? {
    switch plain {
    case "true", "True", "TRUE": true
    case "false", "False", "FALSE": false
    default: nil
    }
  }

  public var int: Int? {
    guard let text = plain else { return nil }
    if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
    if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8) }
    return Int(text)
  }

  /// Integers too.
  public var double: Double? {
    guard let text = plain else { return nil }
    switch text {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
    case "-.inf", "-.Inf", "-.INF": return -.infinity
    case ".nan", ".NaN", ".NAN": return .nan
    default:
      if let int { return Double(int) }
      // `Double` itself also takes "nan", "infinity" and hexadecimal floats, which are strings in YAML.
      guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
      return Double(text)
    }
  }

  public var sequence: [YAMLNode]? {
    guard case .sequence(let nodes) = content else { return nil }
    return nodes
  }

  public var mapping: [YAMLEntry]? {
    guard case .mapping(let entries) = content else { return nil }
    return entries
  }

  /// The value of a mapping's key; linear in the number of keys.
  public subscript(key: String) -> YAMLNode? { mapping?.first { $0.key == key }?.value }

  /// What the node is, for a sentence about what it should have been.
  public var kind: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar): isNull ? "nothing" : "'\(scalar.text)'"
    }
  }

  private var plain: String? {
    guard case .scalar(let scalar) = content, !scalar.isString else { return nil }
    return scalar.text
  }
}
