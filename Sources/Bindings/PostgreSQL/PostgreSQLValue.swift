/// A value of a statement; its type is what the statement casts it to.
package enum PostgreSQLValue: Sendable, Equatable {
  case null
  /// As PostgreSQL reads the type from text.
  case text(String)
  /// As PostgreSQL receives the type in binary.
  case bytes([UInt8])

  package static func integer(_ number: Int) -> PostgreSQLValue { .text("\(number)") }

  /// A one-dimensional array of texts, to be cast to the array's type.
  package static func array(_ texts: [String]) -> PostgreSQLValue {
    let quoted = texts.map { text in
      "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
    }
    return .text("{\(quoted.joined(separator: ","))}")
  }
}
