extension JSONValue {
  /// Reads the one value of a text.
  ///
  /// - Throws: `JSONError` with the offset of the first mistake: syntax, bytes that are no UTF-8, a name that an object has
  ///   twice, or nesting deeper than `depth`.
  /// - Complexity: O(bytes), and O(members) memory besides the value.
  public static func parse(_ bytes: UnsafeRawBufferPointer, depth: Int = 256) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes: bytes, deepest: depth)
    return try parser.text()
  }

  public static func parse(_ text: String, depth: Int = 256) throws(JSONError) -> JSONValue {
    var text = text
    let result = text.withUTF8 { bytes -> Result<JSONValue, JSONError> in
      Result { () throws(JSONError) in try parse(UnsafeRawBufferPointer(bytes), depth: depth) }
    }
    return try result.get()
  }
}

/// One pass over the bytes, by recursive descent.
private struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  let deepest: Int
  var offset = 0

  init(bytes: UnsafeRawBufferPointer, deepest: Int) {
    self.bytes = bytes
    self.deepest = deepest
  }

  private func failure(_ reason: String, at place: Int? = nil) -> JSONError {
    JSONError(offset: place ?? offset, reason: reason)
  }

  /// 0 at the end, which no JSON text holds.
  private var next: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  private mutating func skipSpace() {
    while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
  }

  mutating func text() throws(JSONError) -> JSONValue {
    skipSpace()
    let value = try value(depth: 1)
    skipSpace()
    guard offset == bytes.count else { throw failure("something follows the JSON value") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth <= deepest else { throw failure("nested deeper than \(deepest) levels") }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default:
      throw failure(offset < bytes.count ? "a JSON value belongs here" : "the JSON text ends before its value does")
    }
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let count = text.utf8CodeUnitCount
    guard bytes.count - offset >= count,
      bytes[offset..<offset + count].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: count))
    else { throw failure("a JSON value belongs here") }
    offset += count
    return value
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    offset += 1
    var values: [JSONValue] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      offset += 1
      return .array([])
    }
    while true {
      skipSpace()
      values.append(try value(depth: depth + 1))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "]"):
        offset += 1
        return .array(values)
      default: throw failure("',' or ']' belongs here")
      }
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    offset += 1
    var members: [JSONMember] = []
    var names: Set<[UInt8]> = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      offset += 1
      return .object([])
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("a name in double quotes belongs here") }
      let place = offset
      let name = try string()
      guard names.insert(Array(name.utf8)).inserted else {
        throw failure("the object has two members called \"\(name)\"", at: place)
      }
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw failure("':' belongs here") }
      offset += 1
      skipSpace()
      members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): offset += 1
      case UInt8(ascii: "}"):
        offset += 1
        return .object(members)
      default: throw failure("',' or '}' belongs here")
      }
    }
  }

  private mutating func digits() throws(JSONError) {
    let start = offset
    while (0x30...0x39).contains(next) { offset += 1 }
    guard offset > start else { throw failure("a digit belongs here") }
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = offset
    var isWhole = true
    if next == UInt8(ascii: "-") { offset += 1 }
    let first = offset
    try digits()
    guard bytes[first] != UInt8(ascii: "0") || offset == first + 1 else {
      throw failure("a number does not begin with 0", at: start)
    }
    if next == UInt8(ascii: ".") {
      isWhole = false
      offset += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      offset += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let whole = Int(text) { return .integer(whole) }
    guard let value = Double(text), value.isFinite else { throw failure("a number too large", at: start) }
    return .number(value)
  }

  private mutating func string() throws(JSONError) -> String {
    offset += 1
    let start = offset
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\"),
      bytes[offset] >= 0x20
    {
      offset += 1
    }
    if next == UInt8(ascii: "\"") {
      defer { offset += 1 }
      return try utf8(UnsafeRawBufferPointer(rebasing: bytes[start..<offset]), at: start)
    }
    return try escapedString(from: start)
  }

  private func utf8(_ piece: UnsafeRawBufferPointer, at start: Int) throws(JSONError) -> String {
    guard let text = String(validating: piece, as: UTF8.self) else {
      throw failure("the text is no valid UTF-8", at: start)
    }
    return text
  }

  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var output = Array(bytes[start..<offset])
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        guard let text = String(validating: output, as: UTF8.self) else {
          throw failure("the text is no valid UTF-8", at: start)
        }
        return text
      case UInt8(ascii: "\\"):
        offset += 1
        try escape(into: &output)
      case 0..<0x20: throw failure("a control character stands in a text; it is written \\u00XX")
      default:
        output.append(byte)
        offset += 1
      }
    }
    throw failure("the JSON text ends before its value does")
  }

  private mutating func escape(into output: inout [UInt8]) throws(JSONError) {
    let byte = next
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(byte)
    case UInt8(ascii: "b"): output.append(0x08)
    case UInt8(ascii: "f"): output.append(0x0C)
    case UInt8(ascii: "n"): output.append(0x0A)
    case UInt8(ascii: "r"): output.append(0x0D)
    case UInt8(ascii: "t"): output.append(0x09)
    case UInt8(ascii: "u"):
      var value = try hexadecimal()
      if (0xD800..<0xDC00).contains(value), next == UInt8(ascii: "\\"), offset + 1 < bytes.count,
        bytes[offset + 1] == UInt8(ascii: "u")
      {
        let place = offset
        offset += 2
        let low = try hexadecimal()
        if (0xDC00..<0xE000).contains(low) {
          value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        } else {
          offset = place
        }
      }
      // Half of a surrogate pair is no scalar, though RFC 8259, section 8.2, lets it be written.
      let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
      output.append(contentsOf: UTF8.encode(scalar)!)
    default: throw failure("no escape begins with this", at: offset - 1)
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    guard bytes.count - offset >= 4,
      let value = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16),
      bytes[offset] != UInt8(ascii: "+")
    else { throw failure("four hexadecimal digits belong behind \\u") }
    offset += 4
    return value
  }
}
