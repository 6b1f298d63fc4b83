/// PostgreSQL's SQL over a column of type json. Numbers are compared as the decimals they are written in.
struct PostgreSQLDialect: SQLDialect {
  let name: String

  /// The protocol counts values in 16 bits.
  var mostValues: Int { 65_535 }

  func placeholder(_ number: Int, _ value: SQLCondition.Value) -> String {
    switch value {
    case .text: "$\(number)::text"
    case .integer, .number: "$\(number)::numeric"
    }
  }

  func field(
    _ path: FieldPath, _ bind: (SQLCondition.Value) -> String
  ) throws(VectorStoreError) -> SQLOperand {
    var place = "fields"
    for step in path.steps {
      switch step {
      case .name(let name): place += " -> \(bind(.text(try text(name))))"
      case .place(let number):
        guard number <= Int(Int32.max) else {
          throw .unsupported(name: self.name, reason: "a list has no place \(number); \(Int32.max) is the last")
        }
        place += " -> \(number)"
      }
    }
    let value = "((\(place)) #>> '{}')"
    return SQLOperand(
      kinds: [.number, .text, .bool, .composite],
      kind: """
        (CASE json_typeof(\(place)) WHEN 'number' THEN 'number' WHEN 'string' THEN 'text' WHEN 'boolean' THEN 'bool' \
        WHEN 'array' THEN 'composite' WHEN 'object' THEN 'composite' END)
        """,
      number: "(\(value)::numeric)", text: "(\(value) COLLATE \"C\")", bool: "(\(value) = 'true')")
  }

  private func text(_ bytes: [UInt8]) throws(VectorStoreError) -> String {
    guard !bytes.contains(0) else { throw .unsupported(name: name, reason: "PostgreSQL's texts hold no U+0000") }
    return String(decoding: bytes, as: UTF8.self)
  }

  func like(
    _ text: String, _ pattern: LikePattern, _ bind: (SQLCondition.Value) -> String
  ) -> String {
    let written = pattern.written(any: "%", one: "_") { "%_\\".unicodeScalars.contains($0) ? "\\\($0)" : "\($0)" }
    return "\(text) LIKE \(bind(.text(written)))"
  }
}
