/// Says filters in SQL with the three values of truth that `FilteredRow` has: SQL's null is its unknown.
struct SQLFilter<Dialect: SQLDialect> {
  private let dialect: Dialect
  private let keyType: CollectionSchema.KeyType
  private let firstNumber: Int
  private var values: [SQLCondition.Value] = []

  /// - Parameter firstValue: the number of the first placeholder.
  /// - Throws: `unsupported` for what the dialect cannot say exactly.
  static func condition(
    _ filter: Filter, _ dialect: Dialect, keyType: CollectionSchema.KeyType, firstValue: Int = 1
  ) throws(VectorStoreError) -> SQLCondition {
    var writer = SQLFilter(dialect: dialect, keyType: keyType, firstNumber: firstValue)
    let marked = try writer.truth(filter.expression)
    return try writer.numbered(marked)
  }

  private init(dialect: Dialect, keyType: CollectionSchema.KeyType, firstNumber: Int) {
    self.dialect = dialect
    self.keyType = keyType
    self.firstNumber = firstNumber
  }

  private func unsupported(_ what: String) -> VectorStoreError { .unsupported(name: dialect.name, reason: what) }

  /// A mark in the text where the value will be numbered: of two kinds that never match, neither's value stays in it.
  private mutating func bind(_ value: SQLCondition.Value) -> String {
    values.append(value)
    return "\(Self.mark)\(values.count - 1)\(Self.mark)"
  }

  /// No text of a filter stands in the SQL itself, so that the mark is nothing else.
  private static var mark: Character { "\u{1}" }

  private func numbered(_ marked: String) throws(VectorStoreError) -> SQLCondition {
    var condition = SQLCondition(sql: "", values: [])
    var numbers: [Int: Int] = [:]
    for (place, piece) in marked.split(separator: Self.mark, omittingEmptySubsequences: false).enumerated() {
      guard !place.isMultiple(of: 2), let index = Int(piece) else {
        condition.sql += piece
        continue
      }
      if numbers[index] == nil {
        numbers[index] = firstNumber + condition.values.count
        condition.values.append(values[index])
      }
      condition.sql += dialect.placeholder(numbers[index] ?? 0, values[index])
    }
    guard firstNumber + condition.values.count - 1 <= dialect.mostValues else {
      throw unsupported("the filter holds more than \(dialect.mostValues) values; ask in several parts")
    }
    return condition
  }

  // MARK: Truth

  private mutating func truth(_ expression: FilterExpression) throws(VectorStoreError) -> String {
    switch expression {
    case .not(let inner): return "(NOT \(try truth(inner)))"
    case .all(let parts): return try joined(parts[...], "AND")
    case .any(let parts): return try joined(parts[...], "OR")
    case .compare(let operation, let left, let right):
      return compare(operation, try operand(left), try operand(right))
    case .isMember(let inner, let values): return isMember(try operand(inner), values)
    case .like(let inner, let pattern): return like(try operand(inner), pattern)
    case .literal, .key, .field, .arithmetic, .negative:
      return compare(.equal, try operand(expression), try operand(.literal(.bool(true))))
    }
  }

  /// As a balanced tree: databases bound the depth of an expression, and read a chain as a deep one.
  private mutating func joined(
    _ parts: ArraySlice<FilterExpression>, _ word: String
  ) throws(VectorStoreError) -> String {
    if parts.count == 1, let only = parts.first { return try truth(only) }
    let middle = parts.startIndex + parts.count / 2
    let left = try joined(parts[..<middle], word)
    return "(\(left) \(word) \(try joined(parts[middle...], word)))"
  }

  private func compare(_ operation: FilterComparison, _ left: SQLOperand, _ right: SQLOperand) -> String {
    let symbol =
      switch operation {
      case .equal: "="
      case .unequal: "<>"
      case .less: "<"
      case .lessOrEqual: "<="
      case .greater: ">"
      case .greaterOrEqual: ">="
      }
    let isOrder = operation != .equal && operation != .unequal
    let unordered = operation == .equal ? "FALSE" : operation == .unequal ? "TRUE" : Self.unknown
    let shared: [SQLOperand.Kind] = [.number, .text, .bool].filter {
      left.kinds.contains($0) && right.kinds.contains($0) && !(isOrder && $0 == .bool)
    }
    return cases(
      of: [left, right], shared.map { ($0, "\(left[$0]) \(symbol) \(right[$0])") }, otherwise: unordered)
  }

  private mutating func isMember(_ operand: SQLOperand, _ values: FilterValues) -> String {
    var branches: [(SQLOperand.Kind, String)] = []
    for kind in operand.kinds {
      var list: [String] = []
      switch kind {
      case .number:
        for integer in values.integers { list.append(bind(.integer(integer))) }
        for number in values.numbers { list.append(bind(.number(number))) }
      case .text:
        for text in values.strings { list.append(bind(.text(String(decoding: text, as: UTF8.self)))) }
      case .bool: list = values.truths.map { $0 ? "TRUE" : "FALSE" }
      case .composite: break
      }
      if !list.isEmpty { branches.append((kind, "\(operand[kind]) IN (\(list.joined(separator: ", ")))")) }
    }
    return cases(of: [operand], branches, otherwise: "FALSE")
  }

  private mutating func like(_ operand: SQLOperand, _ pattern: LikePattern) -> String {
    guard operand.kinds.contains(.text) else { return Self.unknown }
    let dialect = dialect
    let condition = dialect.like(operand.text, pattern) { bind($0) }
    return cases(of: [operand], [(.text, condition)], otherwise: Self.unknown)
  }

  /// What holds by the kind that all operands share; unknown where one of them is.
  private func cases(
    of operands: [SQLOperand], _ branches: [(SQLOperand.Kind, String)], otherwise: String
  ) -> String {
    let kinds = operands.compactMap(\.kind)
    if kinds.isEmpty { return "(\(branches.first?.1 ?? otherwise))" }
    var sql = "(CASE WHEN \(kinds.map { "\($0) IS NULL" }.joined(separator: " OR ")) THEN \(Self.unknown)"
    for (kind, condition) in branches {
      sql += " WHEN \(kinds.map { "\($0) = '\(kind.rawValue)'" }.joined(separator: " AND ")) THEN \(condition)"
    }
    return sql + " ELSE \(otherwise) END)"
  }

  private static var unknown: String { "CAST(NULL AS boolean)" }

  // MARK: Values

  private mutating func operand(_ expression: FilterExpression) throws(VectorStoreError) -> SQLOperand {
    switch expression {
    case .literal(.bool(let truth)): return SQLOperand(kinds: [.bool], bool: truth ? "TRUE" : "FALSE")
    case .literal(.integer(let integer)): return SQLOperand(kinds: [.number], number: bind(.integer(integer)))
    case .literal(.number(let number)): return SQLOperand(kinds: [.number], number: bind(.number(number)))
    case .literal(.string(let text)):
      return SQLOperand(kinds: [.text], text: bind(.text(String(decoding: text, as: UTF8.self))))
    case .key:
      return keyType == .integer ? SQLOperand(kinds: [.number], number: "key") : SQLOperand(kinds: [.text], text: "key")
    case .field(let path):
      let dialect = dialect
      return try dialect.field(path) { bind($0) }
    case .arithmetic, .negative:
      throw unsupported(
        "filters that calculate cannot be said in its SQL with the same results; compare fields with values")
    case .not, .all, .any, .compare, .isMember, .like:
      throw unsupported("a condition cannot be compared as a value")
    }
  }
}
