/// Reads a filter expression, by Milvus's words:
///
/// ```
/// any        = all { ("or" | "||") all }
/// all        = negation { ("and" | "&&") negation }
/// negation   = ("not" | "!") negation | relation
/// relation   = sum [ { comparison sum } | ["not"] "in" list | ["not"] "like" string ]
/// sum        = product { ("+" | "-") product }
/// product    = sign { ("*" | "/" | "%") sign }
/// sign       = "-" sign | operand
/// operand    = number | string | "true" | "false" | path | "(" any ")"
/// path       = name { "[" (string | integer) "]" }
/// list       = "[" [ literal { "," literal } ] "]"
/// ```
///
/// `id` is the primary key, `$meta["a"]` the same as `a`; `1 < a < 5` asks for both.
struct FilterParser {
  private let tokens: [FilterToken]
  private var at = 0
  private var depth = 0

  /// Beyond it neither reading nor evaluating is safe on a thread's stack.
  private static var deepest: Int { 200 }

  /// - Throws: `FilterMistake` where it stops making sense.
  /// - Complexity: O(length).
  static func expression(of filter: String) throws(FilterMistake) -> FilterExpression {
    var parser = FilterParser(tokens: try FilterLexer.tokens(of: filter))
    let whole = try parser.any()
    guard parser.current.kind == .end else {
      throw parser.expected(whole.isTruth ? "'and', 'or' or the end" : "an operator such as ==, in or like")
    }
    return try parser.truth(whole)
  }

  private init(tokens: [FilterToken]) { self.tokens = tokens }

  /// What was read, and what may become of it.
  private struct Node {
    var expression: FilterExpression
    /// Says whether a row matches; what does not is a value to be compared.
    var isTruth: Bool
    var column: Int
    /// Of the tree, so that a chain of a thousand sums is refused as brackets are.
    var height = 1
  }

  private var current: FilterToken { tokens[at] }

  private func expected(_ what: String) -> FilterMistake {
    FilterMistake(column: current.column, reason: "expected \(what), not \(current.description)")
  }

  private mutating func take(_ symbol: FilterToken.Symbol) -> Bool {
    guard current.kind == .symbol(symbol) else { return false }
    at += 1
    return true
  }

  private mutating func take(_ keyword: FilterToken.Keyword) -> Bool {
    guard current.kind == .keyword(keyword) else { return false }
    at += 1
    return true
  }

  private func check(_ height: Int, at column: Int) throws(FilterMistake) {
    guard height <= Self.deepest else {
      throw FilterMistake(column: column, reason: "the expression is nested deeper than \(Self.deepest)")
    }
  }

  private mutating func nested(_ body: (inout FilterParser) throws(FilterMistake) -> Node) throws(FilterMistake) -> Node
  {
    depth += 1
    defer { depth -= 1 }
    try check(depth, at: current.column)
    return try body(&self)
  }

  /// A node that is asked whether it holds: a condition, or a field or word that is true or false.
  private func truth(_ node: Node) throws(FilterMistake) -> FilterExpression {
    if node.isTruth { return node.expression }
    switch node.expression {
    case .field, .literal(.bool): return .compare(.equal, node.expression, .literal(.bool(true)))
    default:
      throw FilterMistake(column: node.column, reason: "expected a condition such as year > 2020, not a value alone")
    }
  }

  private func value(_ node: Node) throws(FilterMistake) -> FilterExpression {
    guard !node.isTruth else {
      throw FilterMistake(column: node.column, reason: "expected a value, not a condition")
    }
    return node.expression
  }

  private mutating func any() throws(FilterMistake) -> Node {
    var first = try all()
    guard current.kind == .keyword(.or) || current.kind == .symbol(.or) else { return first }
    var parts = [try truth(first)]
    while take(.or as FilterToken.Keyword) || take(.or as FilterToken.Symbol) {
      let next = try all()
      parts.append(try truth(next))
      first.height = max(first.height, next.height)
    }
    return Node(expression: .any(parts), isTruth: true, column: first.column, height: first.height + 1)
  }

  private mutating func all() throws(FilterMistake) -> Node {
    var first = try negation()
    guard current.kind == .keyword(.and) || current.kind == .symbol(.and) else { return first }
    var parts = [try truth(first)]
    while take(.and as FilterToken.Keyword) || take(.and as FilterToken.Symbol) {
      let next = try negation()
      parts.append(try truth(next))
      first.height = max(first.height, next.height)
    }
    return Node(expression: .all(parts), isTruth: true, column: first.column, height: first.height + 1)
  }

  private mutating func negation() throws(FilterMistake) -> Node {
    let column = current.column
    guard take(.not as FilterToken.Keyword) || take(.not as FilterToken.Symbol) else { return try relation() }
    let negated = try nested { parser throws(FilterMistake) in try parser.negation() }
    return Node(
      expression: .not(try truth(negated)), isTruth: true, column: column, height: negated.height + 1)
  }

  private mutating func relation() throws(FilterMistake) -> Node {
    let first = try sum()
    if let comparison { return try comparisons(first, comparison) }
    let isNegated = current.kind == .keyword(.not)
    if isNegated { at += 1 }
    let found: FilterExpression
    if take(.in) {
      found = .isMember(try value(first), FilterValues(try list()))
    } else if take(.like) {
      guard case .string(let text) = current.kind else { throw expected("a string such as \"docs/%\"") }
      at += 1
      found = .like(try value(first), LikePattern(text))
    } else {
      if isNegated { throw expected("'in' or 'like' after 'not'") }
      return first
    }
    return Node(
      expression: isNegated ? .not(found) : found, isTruth: true, column: first.column, height: first.height + 2)
  }

  private var comparison: FilterComparison? {
    switch current.kind {
    case .symbol(.equal): .equal
    case .symbol(.unequal): .unequal
    case .symbol(.less): .less
    case .symbol(.lessOrEqual): .lessOrEqual
    case .symbol(.greater): .greater
    case .symbol(.greaterOrEqual): .greaterOrEqual
    default: nil
    }
  }

  private mutating func comparisons(_ first: Node, _ operation: FilterComparison) throws(FilterMistake) -> Node {
    var parts: [FilterExpression] = []
    var left = first
    var height = first.height
    var next: FilterComparison? = operation
    while let operation = next {
      at += 1
      let right = try sum()
      parts.append(.compare(operation, try value(left), try value(right)))
      height = max(height, right.height)
      left = right
      next = comparison
    }
    return Node(
      expression: parts.count == 1 ? parts[0] : .all(parts), isTruth: true, column: first.column, height: height + 2)
  }

  private mutating func sum() throws(FilterMistake) -> Node {
    var left = try product()
    while true {
      let operation: FilterArithmetic
      if take(.plus) { operation = .plus } else if take(.minus) { operation = .minus } else { return left }
      left = try arithmetic(operation, left, try product())
    }
  }

  private mutating func product() throws(FilterMistake) -> Node {
    var left = try sign()
    while true {
      let operation: FilterArithmetic
      if take(.times) {
        operation = .times
      } else if take(.divide) {
        operation = .divide
      } else if take(.remainder) {
        operation = .remainder
      } else {
        return left
      }
      left = try arithmetic(operation, left, try sign())
    }
  }

  private func arithmetic(
    _ operation: FilterArithmetic, _ left: Node, _ right: Node
  ) throws(FilterMistake) -> Node {
    let height = max(left.height, right.height) + 1
    try check(height, at: right.column)
    return Node(
      expression: .arithmetic(operation, try number(left), try number(right)), isTruth: false, column: left.column,
      height: height)
  }

  private func number(_ node: Node) throws(FilterMistake) -> FilterExpression {
    switch try value(node) {
    case .literal(.string), .literal(.bool):
      throw FilterMistake(column: node.column, reason: "expected a number or a field to calculate with")
    case let number: return number
    }
  }

  private mutating func sign() throws(FilterMistake) -> Node {
    let column = current.column
    guard take(.minus) else { return try operand() }
    let node = try nested { parser throws(FilterMistake) in try parser.sign() }
    let expression: FilterExpression =
      switch try number(node) {
      case .literal(.integer(let integer)): .literal(.integer(-integer))
      // The one integer whose positive is beyond 64 bits.
      case .literal(.number(0x1p63)): .literal(.integer(.min))
      case .literal(.number(let number)): .literal(.number(-number))
      case let other: .negative(other)
      }
    return Node(expression: expression, isTruth: false, column: column, height: node.height + 1)
  }

  private mutating func operand() throws(FilterMistake) -> Node {
    let column = current.column
    if take(.open) {
      let inner = try nested { parser throws(FilterMistake) in try parser.any() }
      guard take(.close) else { throw expected("')'") }
      return Node(expression: inner.expression, isTruth: inner.isTruth, column: column, height: inner.height)
    }
    if let literal = literal() { return Node(expression: .literal(literal), isTruth: false, column: column) }
    guard case .name(let name) = current.kind else { throw expected("a field or a value") }
    at += 1
    return Node(expression: try path(name), isTruth: false, column: column)
  }

  private mutating func literal() -> FilterLiteral? {
    let literal: FilterLiteral
    switch current.kind {
    case .integer(let integer): literal = .integer(integer)
    case .number(let number): literal = .number(number)
    case .string(let text): literal = .string(Array(text.text.utf8))
    case .keyword(.true): literal = .bool(true)
    case .keyword(.false): literal = .bool(false)
    default: return nil
    }
    at += 1
    return literal
  }

  private mutating func path(_ name: String) throws(FilterMistake) -> FilterExpression {
    var steps: [FieldPath.Step] = name == "$meta" ? [] : [.name(Array(name.utf8))]
    while take(.openBracket) {
      switch current.kind {
      case .string(let text): steps.append(.name(Array(text.text.utf8)))
      case .integer(let place) where !steps.isEmpty: steps.append(.place(Int(place)))
      default:
        throw expected(steps.isEmpty ? "a field's name such as \"a\"" : "a name such as \"a\" or a place such as 0")
      }
      at += 1
      guard take(.closeBracket) else { throw expected("']'") }
    }
    guard !steps.isEmpty else { throw expected("'[' and a field's name after $meta") }
    return name == "id" && steps.count == 1 ? .key : .field(FieldPath(steps: steps))
  }

  private mutating func list() throws(FilterMistake) -> [FilterLiteral] {
    guard take(.openBracket) else { throw expected("a list such as [1, 2]") }
    var values: [FilterLiteral] = []
    if take(.closeBracket) { return values }
    repeat {
      let isNegative = take(.minus)
      let mistake = expected(isNegative ? "a number" : "a value of the list")
      guard let literal = literal() else { throw mistake }
      switch (isNegative, literal) {
      case (false, _): values.append(literal)
      case (true, .integer(let integer)): values.append(.integer(-integer))
      case (true, .number(let number)): values.append(.number(-number))
      case (true, _): throw mistake
      }
    } while take(.comma)
    guard take(.closeBracket) else { throw expected("',' or ']'") }
    return values
  }
}
