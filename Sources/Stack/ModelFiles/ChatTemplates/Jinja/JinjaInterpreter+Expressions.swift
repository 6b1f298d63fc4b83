extension JinjaInterpreter {
  mutating func evaluate(_ expression: JinjaExpression) throws -> JinjaValue {
    try spend()
    switch expression {
    case .text(let text): return .string(text)
    case .integer(let number): return .integer(number)
    case .bool(let value): return .bool(value)
    case .none: return .none
    case .name(let name): return variable(name)
    case .list(let items): return .list(try items.map { try evaluate($0) })
    case .attribute(let owner, let name): return try member(of: evaluate(owner), name)
    case .item(let owner, let index): return try item(of: evaluate(owner), at: evaluate(index))
    case .slice(let owner, let from, let to, let step):
      let bounds = try [from, to, step].map { try $0.map { try whole(evaluate($0)) } }
      return try slice(evaluate(owner), from: bounds[0], to: bounds[1], step: bounds[2] ?? 1)
    case .call(let function, let arguments, let named): return try call(function, arguments, named)
    case .filter(let value, let name, let arguments):
      return try apply(name, to: evaluate(value), arguments.map { try evaluate($0) })
    case .test(let value, let name): return .bool(try test(evaluate(value), name))
    case .not(let value): return .bool(try !evaluate(value).isTrue)
    case .negative(let value): return .integer(try subtract(0, whole(evaluate(value))))
    case .binary(let symbol, let left, let right): return try binary(symbol, left, right)
    case .conditional(let value, let condition, let otherwise):
      if try evaluate(condition).isTrue { return try evaluate(value) }
      return try otherwise.map { try evaluate($0) } ?? .undefined
    }
  }

  private mutating func binary(
    _ symbol: String, _ leftSide: JinjaExpression, _ rightSide: JinjaExpression
  ) throws -> JinjaValue {
    let left = try evaluate(leftSide)
    // `and` and `or` give one of their operands, and leave the second alone where the first decides.
    if symbol == "and" { return try left.isTrue ? evaluate(rightSide) : left }
    if symbol == "or" { return try left.isTrue ? left : evaluate(rightSide) }
    let right = try evaluate(rightSide)
    switch symbol {
    case "==": return .bool(left.equals(right))
    case "!=": return .bool(!left.equals(right))
    case "<", ">", "<=", ">=": return .bool(try isOrdered(left, symbol, right))
    case "in": return .bool(try contains(right, left))
    case "~":
      guard let first = left.text, let second = right.text else {
        throw failure("'~' joins texts, not \(left.kind) and \(right.kind)")
      }
      return try joined(first, second)
    case "+":
      if case .string(let first) = left, case .string(let second) = right { return try joined(first, second) }
      if case .list(let first) = left, case .list(let second) = right {
        try spend(first.count + second.count)
        return .list(first + second)
      }
    default: break
    }
    guard let first = left.number, let second = right.number else {
      throw failure("'\(symbol)' is not done with \(left.kind) and \(right.kind)")
    }
    return .integer(try arithmetic(first, symbol, second))
  }

  private mutating func joined(_ first: String, _ second: String) throws -> JinjaValue {
    try spend(bytes: first.utf8.count + second.utf8.count)
    return .string(first + second)
  }

  private func arithmetic(_ left: Int, _ symbol: String, _ right: Int) throws -> Int {
    if symbol == "-" { return try subtract(left, right) }
    if symbol == "//" || symbol == "%" {
      guard right != 0 else { throw failure("'\(symbol)' divides by 0") }
      let (quotient, overflow) = left.dividedReportingOverflow(by: right)
      guard !overflow else { throw failure("a number is too large") }
      let remainder = left - quotient * right
      // Python rounds quotients down.
      let isBelow = remainder != 0 && (remainder < 0) != (right < 0)
      return symbol == "//" ? quotient - (isBelow ? 1 : 0) : remainder + (isBelow ? right : 0)
    }
    let (result, overflow) =
      symbol == "+" ? left.addingReportingOverflow(right) : left.multipliedReportingOverflow(by: right)
    guard !overflow else { throw failure("a number is too large") }
    return result
  }

  private func subtract(_ left: Int, _ right: Int) throws -> Int {
    let (result, overflow) = left.subtractingReportingOverflow(right)
    guard !overflow else { throw failure("a number is too large") }
    return result
  }

  private func isOrdered(_ left: JinjaValue, _ symbol: String, _ right: JinjaValue) throws -> Bool {
    guard let first = left.number, let second = right.number else {
      throw failure("'\(symbol)' compares numbers, not \(left.kind) and \(right.kind)")
    }
    return switch symbol {
    case "<": first < second
    case ">": first > second
    case "<=": first <= second
    default: first >= second
    }
  }

  private func contains(_ holder: JinjaValue, _ value: JinjaValue) throws -> Bool {
    switch (holder, value) {
    case (.string(let text), .string(let part)): return text.utf8.firstRange(of: part.utf8) != nil
    case (.list(let items), _): return items.contains { $0.equals(value) }
    case (.dictionary(let members), .string(let name)): return members.contains { $0.key == name }
    default: throw failure("'in' is not done with \(value.kind) and \(holder.kind)")
    }
  }

  func whole(_ value: JinjaValue) throws -> Int {
    guard let number = value.number else { throw failure("a number was to stand where \(value.kind) is") }
    return number
  }

  private func member(of owner: JinjaValue, _ name: String) throws -> JinjaValue {
    if case .undefined = owner { throw failure("'\(name)' was asked of what is not defined") }
    return owner.member(name)
  }

  private func item(of owner: JinjaValue, at index: JinjaValue) throws -> JinjaValue {
    if case .string(let name) = index { return try member(of: owner, name) }
    guard case .list(let items) = owner else { throw failure("an item was asked of \(owner.kind)") }
    let index = try whole(index)
    let place = index < 0 ? index + items.count : index
    return items.indices.contains(place) ? items[place] : .undefined
  }

  /// As Python slices.
  private mutating func slice(_ owner: JinjaValue, from: Int?, to: Int?, step: Int) throws -> JinjaValue {
    guard case .list(let items) = owner else { throw failure("a part was asked of \(owner.kind), and lists have some") }
    guard step == 1 || step == -1 else { throw failure("a list is read in steps of 1 or -1, not of \(step)") }
    try spend(items.count)
    func bound(_ value: Int, _ range: ClosedRange<Int>) -> Int {
      let place = value < 0 ? value &+ items.count : value
      return min(max(place, range.lowerBound), range.upperBound)
    }
    if step == 1 {
      let start = bound(from ?? 0, 0...items.count)
      let end = bound(to ?? items.count, 0...items.count)
      return .list(start < end ? Array(items[start..<end]) : [])
    }
    let start = bound(from ?? items.count - 1, -1...max(items.count - 1, -1))
    let end = to.map { bound($0, -1...max(items.count - 1, -1)) } ?? -1
    return .list(start > end ? items[end + 1...start].reversed() : [])
  }
}
