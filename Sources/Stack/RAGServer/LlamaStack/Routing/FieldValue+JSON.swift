package import JSON
internal import VectorStores

extension JSONValue {
  /// Members in the order of their names.
  init(_ value: FieldValue) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(Int(value))
    case .number(let value): self = .number(value)
    case .string(let text): self = .string(text)
    case .array(let values): self = .array(values.map { JSONValue($0) })
    case .object(let fields):
      self = .object(fields.sorted { $0.key < $1.key }.map { JSONMember(name: $0.key, value: JSONValue($0.value)) })
    }
  }

  /// As Python prints it: Llama Stack shows models the metadata of a chunk so.
  package var pythonLiteral: String {
    switch self {
    case .null: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .integer(let value): return "\(value)"
    case .number(let value): return "\(value)"
    case .string(let text):
      let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
      var literal = String(quote)
      for character in text {
        switch character {
        case "\\": literal += "\\\\"
        case "\n": literal += "\\n"
        case "\r\n": literal += "\\r\\n"
        case "\r": literal += "\\r"
        case "\t": literal += "\\t"
        case quote: literal += "\\\(quote)"
        default: literal.append(character)
        }
      }
      return literal + String(quote)
    case .array(let values): return "[\(values.map(\.pythonLiteral).joined(separator: ", "))]"
    case .object(let members):
      let parts = members.map { "\(JSONValue.string($0.name).pythonLiteral): \($0.value.pythonLiteral)" }
      return "{\(parts.joined(separator: ", "))}"
    }
  }
}

extension FieldValue {
  init(_ value: JSONValue) {
    switch value {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .integer(Int64(value))
    case .number(let value): self = .number(value)
    case .string(let text): self = .string(text)
    case .array(let values): self = .array(values.map { FieldValue($0) })
    case .object(let members):
      self = .object(Dictionary(members.map { ($0.name, FieldValue($0.value)) }) { $1 })
    }
  }
}
