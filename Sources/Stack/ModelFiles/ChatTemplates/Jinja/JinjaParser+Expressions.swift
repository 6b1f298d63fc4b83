/// From the loosest binding to the tightest, as Jinja's own parser has them.
extension JinjaParser {
  mutating func expression() throws -> JinjaExpression {
    try nested { parser in
      let value = try parser.either()
      guard parser.take(name: "if") else { return value }
      let condition = try parser.either()
      return .conditional(
        value, condition: condition, otherwise: parser.take(name: "else") ? try parser.expression() : nil)
    }
  }

  /// `or`, and all that binds tighter.
  mutating func either() throws -> JinjaExpression {
    try chain([.name("or")]) { try $0.both() }
  }

  private mutating func both() throws -> JinjaExpression {
    try chain([.name("and")]) { try $0.negation() }
  }

  private mutating func negation() throws -> JinjaExpression {
    guard take(name: "not") else { return try comparison() }
    return .not(try nested { try $0.negation() })
  }

  private mutating func comparison() throws -> JinjaExpression {
    let left = try sum()
    for symbol in ["==", "!=", "<=", ">=", "<", ">"] where take(symbol) { return .binary(symbol, left, try sum()) }
    if take(name: "in") { return .binary("in", left, try sum()) }
    if tokens.first == .name("not"), tokens.dropFirst().first == .name("in") {
      tokens.removeFirst(2)
      return .not(.binary("in", left, try sum()))
    }
    return left
  }

  private mutating func sum() throws -> JinjaExpression {
    try chain([.symbol("+"), .symbol("-")]) { try $0.joining() }
  }

  private mutating func joining() throws -> JinjaExpression {
    try chain([.symbol("~")]) { try $0.product() }
  }

  private mutating func product() throws -> JinjaExpression {
    try chain([.symbol("*"), .symbol("//"), .symbol("%")]) { try $0.unary() }
  }

  /// Operands of equal binding, from left to right. Each makes the tree deeper, and so counts as a level.
  private mutating func chain(
    _ operators: [JinjaLexer.Token], _ operand: (inout JinjaParser) throws -> JinjaExpression
  ) throws -> JinjaExpression {
    let start = depth
    defer { depth = start }
    var left = try operand(&self)
    while let token = tokens.first, operators.contains(token) {
      tokens.removeFirst()
      left = .binary(token.word, left, try nested { try operand(&$0) })
      depth += 1
    }
    return left
  }

  private mutating func unary() throws -> JinjaExpression {
    if take("-") { return .negative(try nested { try $0.unary() }) }
    let start = depth
    defer { depth = start }
    var value = try primary()
    while let next = try suffix(of: value) {
      value = next
      depth += 1
      try nested { _ in }
    }
    return value
  }

  private mutating func primary() throws -> JinjaExpression {
    switch tokens.popFirst() {
    case .text(var text)?:
      while case .text(let more)? = tokens.first {
        text += more
        tokens.removeFirst()
      }
      return .text(text)
    case .integer(let number)?: return .integer(number)
    case .name(let name)?:
      switch name {
      case "true", "True": return .bool(true)
      case "false", "False": return .bool(false)
      case "none", "None": return .none
      default: return .name(name)
      }
    case .symbol("(")?:
      let inner = try expression()
      try expect(")")
      return inner
    case .symbol("[")?: return .list(try list(until: "]").plain)
    case let token?: throw failure("\(Self.spelling(token)) stands where a value should")
    case nil: throw failure("a value is missing at the end of the tag")
    }
  }

  /// What follows a value and makes another of it; nil where nothing does.
  private mutating func suffix(of value: JinjaExpression) throws -> JinjaExpression? {
    if take(".") { return .attribute(value, try name()) }
    if take("[") { return try subscripted(value) }
    if take("(") {
      let arguments = try list(until: ")")
      return .call(value, arguments.plain, named: arguments.named)
    }
    if take("|") {
      let name = try name()
      return .filter(value, name, take("(") ? try list(until: ")").plain : [])
    }
    if take(name: "is") {
      let isNegated = take(name: "not")
      let test = JinjaExpression.test(value, try name())
      return isNegated ? .not(test) : test
    }
    return nil
  }

  private mutating func subscripted(_ value: JinjaExpression) throws -> JinjaExpression {
    func stands(_ symbol: String, _ parser: JinjaParser) -> Bool { parser.tokens.first == .symbol(symbol) }
    var bounds: [JinjaExpression?] = []
    while true {
      bounds.append(stands(":", self) || stands("]", self) ? nil : try expression())
      guard bounds.count < 3, take(":") else { break }
    }
    try expect("]")
    if bounds.count == 1 {
      guard let index = bounds[0] else { throw failure("'[]' names no item") }
      return .item(value, index)
    }
    return .slice(value, from: bounds[0], to: bounds[1], step: bounds.count == 3 ? bounds[2] : nil)
  }

  private mutating func list(
    until end: String
  ) throws -> (plain: [JinjaExpression], named: [(name: String, value: JinjaExpression)]) {
    var plain: [JinjaExpression] = []
    var named: [(name: String, value: JinjaExpression)] = []
    while !take(end) {
      if case .name(let name)? = tokens.first, tokens.dropFirst().first == .symbol("=") {
        tokens.removeFirst(2)
        named.append((name, try expression()))
      } else {
        plain.append(try expression())
      }
      guard take(",") else {
        try expect(end)
        break
      }
    }
    return (plain, named)
  }
}
