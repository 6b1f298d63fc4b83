import Statistics
import VectorStores

/// A filter that is drawn at random, prints itself, and says by means of its own whether a row matches.
indirect enum RandomFilter {
  case compare(String, Operand, Operand)
  case isMember(Operand, [FieldValue], negated: Bool)
  case like(Operand, [LikePart], negated: Bool)
  case not(RandomFilter)
  case and(RandomFilter, RandomFilter)
  case or(RandomFilter, RandomFilter)
  case flag(String)

  enum LikePart {
    case any, one
    case text(String)
  }

  indirect enum Operand {
    case literal(FieldValue)
    case key
    case field([FieldValue])
    case arithmetic(String, Operand, Operand)
  }

  static let words = ["", "a", "ab", "b%", "_x", "été", "\"quoted\"", "日本", "a\\b"]

  static func fields(_ random: inout SplitMix64) -> [String: FieldValue] {
    var fields: [String: FieldValue] = [:]
    for name in ["a", "b", "c", "s", "flag"] where Bool.random(using: &random) {
      fields[name] = name == "flag" ? .bool(.random(using: &random)) : scalar(&random)
    }
    if Bool.random(using: &random) {
      fields["meta"] = .object([
        "x": scalar(&random), "è \"": scalar(&random), "list": .array((0..<3).map { _ in scalar(&random) }),
      ])
    }
    return fields
  }

  static func scalar(_ random: inout SplitMix64) -> FieldValue {
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1, 2: .integer(Int64.random(in: -3...3, using: &random))
    case 3, 4: .number(Double(Int.random(in: -6...6, using: &random)) / 2)
    case 5, 6: .string(words.randomElement(using: &random) ?? "")
    default: Bool.random(using: &random) ? .bool(.random(using: &random)) : .null
    }
  }

  static func draw(_ random: inout SplitMix64, depth: Int = 3) -> RandomFilter {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 5), using: &random) {
    case 0, 1:
      let operation = ["==", "!=", "<", "<=", ">", ">="].randomElement(using: &random) ?? "=="
      return .compare(operation, operand(&random), operand(&random))
    case 2:
      let list = (0..<Int.random(in: 0...4, using: &random)).map { _ in literal(&random) }
      return .isMember(operand(&random), list, negated: .random(using: &random))
    case 3:
      let parts = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        [LikePart.any, .one, .text(words.randomElement(using: &random) ?? "")].randomElement(using: &random) ?? .any
      }
      return .like(operand(&random), parts, negated: .random(using: &random))
    case 4: return .flag("flag")
    case 5, 6: return .and(draw(&random, depth: depth - 1), draw(&random, depth: depth - 1))
    case 7: return .or(draw(&random, depth: depth - 1), draw(&random, depth: depth - 1))
    default: return .not(draw(&random, depth: depth - 1))
    }
  }

  private static func literal(_ random: inout SplitMix64) -> FieldValue {
    while true {
      let value = scalar(&random)
      if value != .null { return value }
    }
  }

  private static func operand(_ random: inout SplitMix64, depth: Int = 2) -> Operand {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
    case 0: return .literal(literal(&random))
    case 1: return .key
    case 2: return .field([.string("meta"), .string(["x", "è \"", "none"].randomElement(using: &random) ?? "x")])
    case 3: return .field([.string("meta"), .string("list"), .integer(Int64.random(in: 0...3, using: &random))])
    case 4, 5: return .field([.string(["a", "b", "c", "s", "none"].randomElement(using: &random) ?? "a")])
    default:
      let operation = ["+", "-", "*", "/", "%"].randomElement(using: &random) ?? "+"
      func number() -> Operand {
        while true {
          let operand = operand(&random, depth: depth - 1)
          switch operand {
          case .literal(.string), .literal(.bool): continue
          default: return operand
          }
        }
      }
      return .arithmetic(operation, number(), number())
    }
  }
}

/// As text, with more brackets than are needed.
extension RandomFilter: CustomStringConvertible {
  var description: String {
    switch self {
    case .compare(let operation, let left, let right): "\(left) \(operation) \(right)"
    case .isMember(let operand, let list, let negated):
      "\(operand) \(negated ? "not in" : "in") [\(list.map(\.json).joined(separator: ", "))]"
    case .like(let operand, let parts, let negated):
      "\(operand) \(negated ? "NOT LIKE" : "like") \"\(parts.map(Self.pattern).joined())\""
    case .not(let inner): "not (\(inner))"
    case .and(let left, let right): "(\(left)) && (\(right))"
    case .or(let left, let right): "(\(left)) or (\(right))"
    case .flag(let name): name
    }
  }

  private static func pattern(_ part: LikePart) -> String {
    switch part {
    case .any: "%"
    case .one: "_"
    case .text(let text):
      text.map { "\\%_\"".contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }
  }
}

extension RandomFilter.Operand: CustomStringConvertible {
  var description: String {
    switch self {
    case .literal(let value): value.json
    case .key: "id"
    case .field(let steps):
      steps.enumerated().map { index, step in
        if index == 0, case .string(let name) = step { return name == "a" ? "$meta[\"a\"]" : name }
        return "[\(step.json)]"
      }.joined()
    case .arithmetic(let operation, let left, let right): "(\(left) \(operation) \(right))"
    }
  }
}

/// What it means, by the values themselves.
extension RandomFilter {
  func truth(_ key: PrimaryKey, _ fields: [String: FieldValue]) -> Bool? {
    func known(_ operand: Operand) -> FieldValue? { operand.value(key, fields) }
    switch self {
    case .not(let inner): return inner.truth(key, fields).map { !$0 }
    case .and(let left, let right):
      let both = [left.truth(key, fields), right.truth(key, fields)]
      return both.contains(false) ? false : both.contains(nil) ? nil : true
    case .or(let left, let right):
      let both = [left.truth(key, fields), right.truth(key, fields)]
      return both.contains(true) ? true : both.contains(nil) ? nil : false
    case .flag(let name):
      guard let value = fields[name], value != .null else { return nil }
      return value == .bool(true)
    case .isMember(let operand, let list, let negated):
      guard let value = known(operand) else { return nil }
      return list.contains { Self.equal($0, value) } != negated
    case .like(let operand, let parts, let negated):
      guard case .string(let text) = known(operand) else { return nil }
      return Self.matches(Array(text.unicodeScalars), parts[...]) != negated
    case .compare(let operation, let left, let right):
      guard let left = known(left), let right = known(right) else { return nil }
      if operation == "==" { return Self.equal(left, right) }
      if operation == "!=" { return !Self.equal(left, right) }
      guard let order = Self.order(left, right) else { return nil }
      return switch operation {
      case "<": order < 0
      case "<=": order <= 0
      case ">": order > 0
      default: order >= 0
      }
    }
  }

  private static func equal(_ a: FieldValue, _ b: FieldValue) -> Bool {
    if case .bool = a { return a == b }
    return order(a, b) == 0
  }

  private static func order(_ a: FieldValue, _ b: FieldValue) -> Int? {
    if case .string(let a) = a, case .string(let b) = b {
      if Array(a.utf8) == Array(b.utf8) { return 0 }
      return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    }
    guard let a = a.double, let b = b.double else { return nil }
    return a < b ? -1 : a > b ? 1 : 0
  }

  private static func matches(_ text: [Unicode.Scalar], _ parts: ArraySlice<LikePart>) -> Bool {
    guard let first = parts.first else { return text.isEmpty }
    switch first {
    case .any: return (0...text.count).contains { matches(Array(text[$0...]), parts.dropFirst()) }
    case .one: return !text.isEmpty && matches(Array(text[1...]), parts.dropFirst())
    case .text(let prefix):
      let scalars = Array(prefix.unicodeScalars)
      return text.starts(with: scalars) && matches(Array(text[scalars.count...]), parts.dropFirst())
    }
  }
}

extension RandomFilter.Operand {
  /// nil where it is unknown.
  fileprivate func value(_ key: PrimaryKey, _ fields: [String: FieldValue]) -> FieldValue? {
    switch self {
    case .literal(let value): return value
    case .key:
      switch key {
      case .integer(let number): return .integer(number)
      case .string(let text): return .string(text)
      }
    case .field(let steps):
      var value = FieldValue.object(fields)
      for step in steps {
        switch (step, value) {
        case (.string(let name), .object(let members)): value = members[name] ?? .null
        case (.integer(let place), .array(let values)):
          value = place < values.count ? values[Int(place)] : .null
        default: return nil
        }
      }
      return value == .null ? nil : value
    case .arithmetic(let operation, let left, let right):
      switch (left.value(key, fields), right.value(key, fields)) {
      case (.integer(let a), .integer(let b)):
        switch operation {
        case "+": return .integer(a + b)
        case "-": return .integer(a - b)
        case "*": return .integer(a * b)
        case "/": return b == 0 ? nil : .integer(a / b)
        default: return b == 0 ? nil : .integer(a % b)
        }
      case (let a?, let b?):
        guard let a = a.double, let b = b.double else { return nil }
        let result: Double =
          switch operation {
          case "+": a + b
          case "-": a - b
          case "*": a * b
          case "/": a / b
          default: a.truncatingRemainder(dividingBy: b)
          }
        return result.isFinite ? .number(result) : nil
      default: return nil
      }
    }
  }
}

extension FieldValue {
  fileprivate var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }
}
