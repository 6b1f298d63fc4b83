extension JSONValue {
  /// Reads the one value of a text.
  ///
  /// - Throws: `JSONError` with the offset of the first mistake: syntax, bytes that are no UTF-8, a name that an object has
  ///   twice, or nesting deeper than `depth`.
  /// - Complexity: O(bytes), and O(members) memory besides the value.
  public static func parse(_ bytes: UnsafeRawBufferPointer, depth: Int = 256) throws(JSONError) -> JSONValue {
    var cursor = JSONCursor(bytes, depth: depth)
    let value = try JSONValue(&cursor)
    try cursor.end()
    return value
  }

  public static func parse(_ text: String, depth: Int = 256) throws(JSONError) -> JSONValue {
    var text = text
    let result = text.withUTF8 { bytes -> Result<JSONValue, JSONError> in
      Result { () throws(JSONError) in try parse(UnsafeRawBufferPointer(bytes), depth: depth) }
    }
    return try result.get()
  }

  private init(_ cursor: inout JSONCursor) throws(JSONError) {
    switch try cursor.kind() {
    case .string: self = .string(try cursor.string())
    case .number: self = try cursor.numericValue()
    case .bool: self = .bool(try cursor.bool())
    case .null:
      _ = try cursor.takeNull()
      self = .null
    case .list:
      try cursor.openList()
      var values: [JSONValue] = []
      var isFirst = true
      while try cursor.nextElement(&isFirst) { values.append(try JSONValue(&cursor)) }
      self = .array(values)
    case .object: self = .object(try JSONValue.members(&cursor))
    }
  }

  private static func members(_ cursor: inout JSONCursor) throws(JSONError) -> [JSONMember] {
    try cursor.openObject()
    var members: [JSONMember] = []
    // Names that Unicode holds for equal are not the same.
    var names: Set<[UInt8]> = []
    var isFirst = true
    while try cursor.nextMember(&isFirst) {
      let (name, offset) = try cursor.memberName()
      guard names.insert(Array(name.utf8)).inserted else {
        throw JSONError(offset: offset, reason: "the object has two members called \"\(name)\"")
      }
      members.append(JSONMember(name: name, value: try JSONValue(&cursor)))
    }
    return members
  }
}
