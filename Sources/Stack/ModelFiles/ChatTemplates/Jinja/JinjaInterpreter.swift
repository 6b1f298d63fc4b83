/// Renders a template; what it may compute is bounded.
struct JinjaInterpreter {
  private var scopes: [[String: JinjaValue]]
  private var output = ""
  private var line = 1
  private var steps = 1_000_000
  private var bytes = 1 << 28

  /// - Throws: `JinjaError` if the template asks for what is not done here, refuses what it is given, or does not end.
  static func render(_ template: JinjaTemplate, _ variables: [String: JinjaValue]) throws -> String {
    var interpreter = JinjaInterpreter(scopes: [variables])
    try interpreter.run(template.body)
    return interpreter.output
  }

  private init(scopes: [[String: JinjaValue]]) {
    self.scopes = scopes
  }

  func failure(_ reason: String) -> JinjaError { JinjaError(line: line, reason: reason) }

  /// Pays for steps, or for items that are made.
  mutating func spend(_ amount: Int = 1) throws {
    steps -= amount
    guard steps >= 0 else { throw failure("the template computes without end") }
  }

  /// Pays for text that is made.
  mutating func spend(bytes amount: Int) throws {
    bytes -= amount
    guard bytes >= 0 else { throw failure("the template writes without end") }
  }

  private mutating func run(_ nodes: [JinjaNode]) throws {
    for node in nodes {
      try spend()
      switch node {
      case .text(let text): try write(text)
      case .output(let expression, let line):
        self.line = line
        let value = try evaluate(expression)
        guard let text = value.text else { throw failure("\(value.kind) cannot be written as text here") }
        try write(text)
      case .branch(let branches, let otherwise, let line):
        self.line = line
        let chosen = try branches.first { try evaluate($0.condition).isTrue }
        try run(chosen?.body ?? otherwise)
      case .loop(let name, let list, let filter, let body, let line):
        self.line = line
        try loop(name, over: items(evaluate(list)), filter: filter, body: body)
      case .set(let name, let attribute, let expression, let line):
        self.line = line
        try set(name, attribute, evaluate(expression))
      }
    }
  }

  private mutating func write(_ text: String) throws {
    try spend(bytes: text.utf8.count)
    output += text
  }

  private mutating func loop(
    _ name: String, over items: [JinjaValue], filter: JinjaExpression?, body: [JinjaNode]
  ) throws {
    scopes.append([:])
    defer { scopes.removeLast() }
    var items = items
    if let filter {
      items = try items.filter { item in
        scopes[scopes.count - 1] = [name: item]
        return try evaluate(filter).isTrue
      }
    }
    for (index, item) in items.enumerated() {
      // What an iteration sets is gone in the next.
      let state: [(key: String, value: JinjaValue)] = [
        ("index0", .integer(index)), ("index", .integer(index + 1)), ("first", .bool(index == 0)),
        ("last", .bool(index == items.count - 1)), ("length", .integer(items.count)),
        ("previtem", index > 0 ? items[index - 1] : .undefined),
        ("nextitem", index + 1 < items.count ? items[index + 1] : .undefined),
      ]
      scopes[scopes.count - 1] = [name: item, "loop": .dictionary(state)]
      try run(body)
    }
  }

  private func items(_ value: JinjaValue) throws -> [JinjaValue] {
    switch value {
    case .list(let items): return items
    case .dictionary(let members): return members.map { .string($0.key) }
    default: throw failure("a loop runs over a list, not over \(value.kind)")
    }
  }

  private mutating func set(_ name: String, _ attribute: String?, _ value: JinjaValue) throws {
    guard let attribute else {
      scopes[scopes.count - 1][name] = value
      return
    }
    guard case .namespace(let namespace) = variable(name) else {
      throw failure("'\(name).\(attribute)' can be set of a namespace only")
    }
    namespace.members[attribute] = value
  }

  func variable(_ name: String) -> JinjaValue {
    scopes.reversed().lazy.compactMap { $0[name] }.first ?? .undefined
  }
}
