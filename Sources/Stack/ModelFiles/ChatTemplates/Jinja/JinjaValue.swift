/// A value of a template's language.
enum JinjaValue {
  case undefined
  case none
  case bool(Bool)
  case integer(Int)
  case string(String)
  case list([JinjaValue])
  case dictionary([(key: String, value: JinjaValue)])
  case namespace(JinjaNamespace)

  /// Python's notion of truth: empty things are false.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .bool(let value): value
    case .integer(let value): value != 0
    case .string(let text): !text.isEmpty
    case .list(let values): !values.isEmpty
    case .dictionary(let members): !members.isEmpty
    case .namespace: true
    }
  }

  /// What the value is, for a sentence about what it should have been.
  var kind: String {
    switch self {
    case .undefined: "undefined"
    case .none: "none"
    case .bool: "a truth value"
    case .integer: "a number"
    case .string: "a text"
    case .list: "a list"
    case .dictionary: "a mapping"
    case .namespace: "a namespace"
    }
  }

  /// As Python prints it; nil for what no template prints.
  var text: String? {
    switch self {
    case .undefined: ""
    case .none: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .string(let text): text
    case .list, .dictionary, .namespace: nil
    }
  }

  func member(_ name: String) -> JinjaValue {
    switch self {
    case .dictionary(let members): members.first { $0.key == name }?.value ?? .undefined
    case .namespace(let namespace): namespace.members[name] ?? .undefined
    default: .undefined
    }
  }

  /// By bytes, as Python compares texts, and truth values as 0 and 1.
  func equals(_ other: JinjaValue) -> Bool {
    switch (self, other) {
    case (.undefined, .undefined), (.none, .none): true
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.list(let left), .list(let right)): left.elementsEqual(right) { $0.equals($1) }
    default: number != nil && number == other.number
    }
  }

  var number: Int? {
    switch self {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
}

/// What `namespace(…)` makes: the one thing that an inner loop can change for those around it.
final class JinjaNamespace {
  var members: [String: JinjaValue]

  init(_ members: [String: JinjaValue]) {
    self.members = members
  }
}

/// Why a template cannot be used, with its line.
struct JinjaError: Error {
  var line: Int
  var reason: String
}
