/// A filter as a condition of SQL, with the values that stand outside of its text.
struct SQLCondition {
  enum Value: Equatable {
    case text(String)
    case integer(Int64)
    case number(Double)
  }

  var sql: String
  /// In the order of their numbers, from the first that was free.
  var values: [Value]
}

/// How one database reads fields, a JSON object in column `fields`, and the primary key, in column `key`.
protocol SQLDialect {
  /// Who refuses what cannot be said in it.
  var name: String { get }
  /// The most values that one statement takes.
  var mostValues: Int { get }
  /// The placeholder of value `number`, counted from 1.
  func placeholder(_ number: Int, _ value: SQLCondition.Value) -> String
  /// - Throws: `unsupported` for a name that its paths cannot hold.
  func field(
    _ path: FieldPath, _ bind: (SQLCondition.Value) -> String
  ) throws(VectorStoreError) -> SQLOperand
  /// Whether a text of `column` is like the pattern, by case and by Unicode scalars.
  func like(
    _ text: String, _ pattern: LikePattern, _ bind: (SQLCondition.Value) -> String
  ) -> String
}

/// A value of a filter, as expressions of SQL.
struct SQLOperand {
  /// What filters tell apart; an array and an object equal nothing.
  enum Kind: String { case number, text, bool, composite }

  /// Those that it may be.
  var kinds: [Kind]
  /// An expression that names the kind, or is null where the value is unknown; nil where there is but one.
  var kind: String?
  /// Each holds good where the value is of that kind.
  var number = ""
  var text = ""
  var bool = ""

  subscript(kind: Kind) -> String {
    switch kind {
    case .number: number
    case .text: text
    case .bool: bool
    case .composite: ""
    }
  }
}
