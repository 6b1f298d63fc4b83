extension JSONText {
  /// A value with all that is in it. Numbers that JSON has no words for become null.
  public static func append(_ value: JSONValue, to output: inout [UInt8]) {
    switch value {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .integer(let number): append(number, to: &output)
    case .number(let number): output += (number.isFinite ? "\(number)" : "null").utf8
    case .string(let text): append(text, to: &output)
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (place, value) in values.enumerated() {
        if place > 0 { output.append(UInt8(ascii: ",")) }
        append(value, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (place, member) in members.enumerated() {
        if place > 0 { output.append(UInt8(ascii: ",")) }
        append(member.name, to: &output)
        output.append(UInt8(ascii: ":"))
        append(member.value, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }
}

extension JSONValue {
  /// An object of these members, in this order.
  public static func fields(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(members.map { JSONMember(name: $0.key, value: $0.value) })
  }

  public static func texts(_ values: some Sequence<String>) -> JSONValue { .array(values.map { .string($0) }) }

  /// As JSON, on one line.
  public var json: [UInt8] {
    var output: [UInt8] = []
    JSONText.append(self, to: &output)
    return output
  }
}
