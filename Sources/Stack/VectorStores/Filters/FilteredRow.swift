/// A row as a filter sees it: nothing of its fields is copied or read twice over than asked for.
struct FilteredRow {
  /// A value, by kind.
  enum Value {
    /// Not there, null, or not to be calculated.
    case unknown
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(UnsafeBufferPointer<UInt8>)
    /// A text that is nowhere in memory as such.
    case ownText([UInt8])
    /// An array or an object.
    case composite
  }

  let key: Value
  /// JSON of an object.
  let fields: UnsafeBufferPointer<UInt8>

  /// nil where it is unknown.
  func truth(of expression: FilterExpression) -> Bool? {
    switch expression {
    case .not(let inner): return truth(of: inner).map { !$0 }
    case .all(let parts):
      var isKnown = true
      for part in parts {
        guard let truth = truth(of: part) else {
          isKnown = false
          continue
        }
        if !truth { return false }
      }
      return isKnown ? true : nil
    case .any(let parts):
      var isKnown = true
      for part in parts {
        guard let truth = truth(of: part) else {
          isKnown = false
          continue
        }
        if truth { return true }
      }
      return isKnown ? false : nil
    case .compare(let operation, let left, let right): return compare(operation, value(of: left), value(of: right))
    case .isMember(let inner, let values):
      switch value(of: inner) {
      case .unknown: return nil
      case .bool(let truth): return values.truths.contains(truth)
      case .integer(let integer): return values.contains(integer)
      case .number(let number): return values.contains(number)
      case .text(let text): return values.strings.contains(Array(text))
      case .ownText(let text): return values.strings.contains(text)
      case .composite: return false
      }
    case .like(let inner, let pattern):
      switch value(of: inner) {
      case .text(let text): return pattern.matches(text)
      case .ownText(let text): return text.withUnsafeBufferPointer { pattern.matches($0) }
      default: return nil
      }
    case .literal, .key, .field, .arithmetic, .negative:
      guard case .bool(let truth) = value(of: expression) else { return nil }
      return truth
    }
  }

  private func value(of expression: FilterExpression) -> Value {
    switch expression {
    case .literal(.bool(let truth)): return .bool(truth)
    case .literal(.integer(let integer)): return .integer(integer)
    case .literal(.number(let number)): return .number(number)
    case .literal(.string(let text)): return .ownText(text)
    case .key: return key
    case .field(let path): return (try? value(at: path)) ?? .unknown
    case .negative(let inner): return calculate(.minus, .integer(0), value(of: inner))
    case .arithmetic(let operation, let left, let right):
      return calculate(operation, value(of: left), value(of: right))
    case .not, .all, .any, .compare, .isMember, .like:
      return truth(of: expression).map(Value.bool) ?? .unknown
    }
  }

  /// Walks the JSON to the value, passing over everything else.
  private func value(at path: FieldPath) throws(JSONMistake) -> Value? {
    var reader = JSONReader(fields)
    steps: for step in path.steps {
      switch step {
      case .name(let wanted):
        guard reader.peek() == UInt8(ascii: "{") else { return nil }
        var names = JSONNames()
        while try names.next(&reader) {
          let name = try reader.string()
          let found =
            name.hasEscapes
            ? try name.decoded(reader.slice(name)) == wanted : reader.slice(name).elementsEqual(wanted)
          guard reader.take(UInt8(ascii: ":")) else { return nil }
          if found { continue steps }
          try reader.skip()
        }
        return nil
      case .place(let wanted):
        guard reader.peek() == UInt8(ascii: "[") else { return nil }
        var places = JSONPlaces()
        var place = 0
        while try places.next(&reader) {
          if place == wanted { continue steps }
          try reader.skip()
          place += 1
        }
        return nil
      }
    }
    switch reader.peek() {
    case UInt8(ascii: "\""):
      let text = try reader.string()
      return text.hasEscapes ? .ownText(try text.decoded(reader.slice(text))) : .text(reader.slice(text))
    case UInt8(ascii: "{"), UInt8(ascii: "["): return .composite
    default:
      switch try reader.value() {
      case .bool(let truth): return .bool(truth)
      case .integer(let integer): return .integer(integer)
      case .number(let number): return .number(number)
      case .null, .string, .array, .object: return nil
      }
    }
  }

  /// Values of different kinds are unequal, and in no order.
  private func compare(_ operation: FilterComparison, _ left: Value, _ right: Value) -> Bool? {
    let order: Int?
    switch (left, right) {
    case (.unknown, _), (_, .unknown): return nil
    case (.integer(let left), .integer(let right)): order = left < right ? -1 : left > right ? 1 : 0
    case (.number(let left), .number(let right)): order = left < right ? -1 : left > right ? 1 : 0
    case (.integer(let left), .number(let right)): order = Self.order(left, right)
    case (.number(let left), .integer(let right)): order = -Self.order(right, left)
    case (.bool(let left), .bool(let right)) where operation == .equal || operation == .unequal:
      order = left == right ? 0 : 1
    default: order = Self.textOrder(left, right)
    }
    guard let order else {
      switch operation {
      case .equal: return false
      case .unequal: return true
      case .less, .lessOrEqual, .greater, .greaterOrEqual: return nil
      }
    }
    switch operation {
    case .equal: return order == 0
    case .unequal: return order != 0
    case .less: return order < 0
    case .lessOrEqual: return order <= 0
    case .greater: return order > 0
    case .greaterOrEqual: return order >= 0
    }
  }

  /// −1, 0 or 1 without rounding the integer.
  private static func order(_ integer: Int64, _ number: Double) -> Int {
    if number >= 0x1p63 { return -1 }
    if number < -0x1p63 { return 1 }
    let whole = Int64(number)
    if integer != whole { return integer < whole ? -1 : 1 }
    let rest = number - Double(whole)
    return rest > 0 ? -1 : rest < 0 ? 1 : 0
  }

  /// nil where one of them is no text.
  private static func textOrder(_ left: Value, _ right: Value) -> Int? {
    func order(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
      for (a, b) in zip(left, right) where a != b { return a < b ? -1 : 1 }
      return left.count < right.count ? -1 : left.count > right.count ? 1 : 0
    }
    switch (left, right) {
    case (.text(let left), .text(let right)): return order(left, right)
    case (.text(let left), .ownText(let right)): return right.withUnsafeBufferPointer { order(left, $0) }
    case (.ownText(let left), .text(let right)): return left.withUnsafeBufferPointer { order($0, right) }
    case (.ownText(let left), .ownText(let right)):
      return left.withUnsafeBufferPointer { left in right.withUnsafeBufferPointer { order(left, $0) } }
    default: return nil
    }
  }

  private func calculate(_ operation: FilterArithmetic, _ left: Value, _ right: Value) -> Value {
    switch (left, right) {
    case (.integer(let left), .integer(let right)): calculate(operation, left, right)
    case (.integer(let left), .number(let right)): calculate(operation, Double(left), right)
    case (.number(let left), .integer(let right)): calculate(operation, left, Double(right))
    case (.number(let left), .number(let right)): calculate(operation, left, right)
    default: .unknown
    }
  }

  private func calculate(_ operation: FilterArithmetic, _ left: Int64, _ right: Int64) -> Value {
    let (result, overflow) =
      switch operation {
      case .plus: left.addingReportingOverflow(right)
      case .minus: left.subtractingReportingOverflow(right)
      case .times: left.multipliedReportingOverflow(by: right)
      case .divide: left.dividedReportingOverflow(by: right)
      case .remainder: left.remainderReportingOverflow(dividingBy: right)
      }
    return overflow ? .unknown : .integer(result)
  }

  private func calculate(_ operation: FilterArithmetic, _ left: Double, _ right: Double) -> Value {
    let result =
      switch operation {
      case .plus: left + right
      case .minus: left - right
      case .times: left * right
      case .divide: left / right
      case .remainder: left.truncatingRemainder(dividingBy: right)
      }
    return result.isFinite ? .number(result) : .unknown
  }
}
