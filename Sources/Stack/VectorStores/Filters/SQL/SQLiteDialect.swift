/// SQLite's SQL, with its JSON functions over a text.
struct SQLiteDialect: SQLDialect {
  let name: String

  /// SQLITE_MAX_VARIABLE_NUMBER.
  var mostValues: Int { 32_766 }

  func placeholder(_ number: Int, _ value: SQLCondition.Value) -> String { "?\(number)" }

  func field(
    _ path: FieldPath, _ bind: (SQLCondition.Value) -> String
  ) throws(VectorStoreError) -> SQLOperand {
    var written = "$"
    for step in path.steps {
      switch step {
      case .name(let name):
        // Whether paths know escapes depends on SQLite's version.
        let text = String(decoding: name, as: UTF8.self)
        guard !name.isEmpty, !text.unicodeScalars.contains(where: { $0 == "\"" || $0 == "\\" || $0.value < 0x20 })
        else {
          throw .unsupported(name: self.name, reason: "SQLite's JSON paths cannot hold the field's name '\(text)'")
        }
        written += ".\"\(text)\""
      case .place(let place): written += "[\(place)]"
      }
    }
    let place = bind(.text(written))
    let type = "json_type(fields, \(place))"
    let value = "json_extract(fields, \(place))"
    return SQLOperand(
      kinds: [.number, .text, .bool, .composite],
      kind: """
        (CASE \(type) WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' WHEN 'text' THEN 'text' \
        WHEN 'true' THEN 'bool' WHEN 'false' THEN 'bool' WHEN 'array' THEN 'composite' WHEN 'object' THEN 'composite' END)
        """,
      number: value, text: value, bool: "(\(type) = 'true')")
  }

  /// GLOB minds case, where LIKE does not.
  func like(
    _ text: String, _ pattern: LikePattern, _ bind: (SQLCondition.Value) -> String
  ) -> String {
    let glob = pattern.written(any: "*", one: "?") { "*?[".unicodeScalars.contains($0) ? "[\($0)]" : "\($0)" }
    return "\(text) GLOB \(bind(.text(glob)))"
  }
}
