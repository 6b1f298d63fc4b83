extension JinjaInterpreter {
  mutating func call(
    _ function: JinjaExpression, _ arguments: [JinjaExpression], _ named: [(name: String, value: JinjaExpression)]
  ) throws -> JinjaValue {
    let values = try arguments.map { try evaluate($0) }
    switch function {
    case .name("raise_exception"):
      throw failure("the template refuses the conversation: \(values.first?.text ?? "no reason is given")")
    case .name("namespace"):
      var members: [String: JinjaValue] = [:]
      for member in named { members[member.name] = try evaluate(member.value) }
      return .namespace(JinjaNamespace(members))
    case .name("range"):
      let bounds = try values.map { try whole($0) }
      guard bounds.count == 1 || bounds.count == 2 else { throw failure("'range' is read with one bound or two") }
      let (start, end) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
      guard start < end else { return .list([]) }
      let (count, overflow) = end.subtractingReportingOverflow(start)
      try spend(overflow ? .max : count)
      return .list((start..<end).map { .integer($0) })
    case .attribute(let owner, let name): return try method(name, of: evaluate(owner), values)
    default: throw failure("a function is called that is not known here")
    }
  }

  private mutating func method(
    _ name: String, of owner: JinjaValue, _ arguments: [JinjaValue]
  ) throws -> JinjaValue {
    guard case .string(let text) = owner else { throw failure("'\(name)' was asked of \(owner.kind)") }
    try spend(bytes: text.utf8.count)
    var parts: [String] = []
    for argument in arguments {
      guard case .string(let part) = argument else { throw failure("'\(name)' takes texts, not \(argument.kind)") }
      parts.append(part)
    }
    switch (name, parts.count) {
    case ("strip", 0): return .string(Self.trimmed(text, start: true, end: true))
    case ("lstrip", 0): return .string(Self.trimmed(text, start: true, end: false))
    case ("rstrip", 0): return .string(Self.trimmed(text, start: false, end: true))
    case ("upper", 0): return .string(text.uppercased())
    case ("lower", 0): return .string(text.lowercased())
    case ("startswith", 1): return .bool(text.utf8.starts(with: parts[0].utf8))
    case ("endswith", 1): return .bool(text.utf8.reversed().starts(with: parts[0].utf8.reversed()))
    case ("split", 1) where !parts[0].isEmpty: return .list(Self.pieces(of: text, by: parts[0]).map { .string($0) })
    case ("replace", 2) where !parts[0].isEmpty:
      let pieces = Self.pieces(of: text, by: parts[0])
      try spend(bytes: pieces.count * parts[1].utf8.count)
      return .string(pieces.joined(separator: parts[1]))
    default: throw failure("the method '\(name)' of a text is not done here with \(parts.count) arguments")
    }
  }

  mutating func apply(_ filter: String, to value: JinjaValue, _ arguments: [JinjaValue]) throws -> JinjaValue {
    switch (filter, value, arguments.count) {
    case ("trim", .string, 0): return try method("strip", of: value, [])
    case ("upper", .string, 0), ("lower", .string, 0): return try method(filter, of: value, [])
    case ("length", .string(let text), 0), ("count", .string(let text), 0): return .integer(text.unicodeScalars.count)
    case ("length", .list(let items), 0), ("count", .list(let items), 0): return .integer(items.count)
    case ("string", _, 0):
      guard let text = value.text else { throw failure("\(value.kind) cannot be written as text here") }
      return .string(text)
    case ("first", .list(let items), 0): return items.first ?? .undefined
    case ("last", .list(let items), 0): return items.last ?? .undefined
    case ("default", .undefined, 1): return arguments[0]
    case ("default", _, 1): return value
    default: throw failure("the filter '\(filter)' is not done here with \(value.kind)")
    }
  }

  func test(_ value: JinjaValue, _ name: String) throws -> Bool {
    switch (name, value) {
    case ("defined", .undefined): false
    case ("defined", _): true
    case ("undefined", .undefined): true
    case ("undefined", _): false
    case ("none", .none): true
    case ("none", _): false
    case ("string", .string): true
    case ("string", _): false
    case ("mapping", .dictionary): true
    case ("mapping", _): false
    case ("iterable", .list), ("iterable", .string), ("iterable", .dictionary): true
    case ("iterable", _): false
    case ("sequence", .list), ("sequence", .string), ("sequence", .dictionary): true
    case ("sequence", _): false
    case ("true", .bool(let truth)): truth
    case ("true", _): false
    case ("false", .bool(let truth)): !truth
    case ("false", _): false
    default: throw failure("the test '\(name)' is not done here")
    }
  }

  /// Without white space at the ends, as Python's `strip` has it.
  private static func trimmed(_ text: String, start: Bool, end: Bool) -> String {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
    var scalars = Substring(text).unicodeScalars
    if start { scalars = scalars.drop(while: isSpace) }
    if end { while let last = scalars.last, isSpace(last) { scalars.removeLast() } }
    return String(scalars)
  }

  private static func pieces(of text: String, by separator: String) -> [String] {
    Array(text.utf8).split(separator: Array(separator.utf8), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
