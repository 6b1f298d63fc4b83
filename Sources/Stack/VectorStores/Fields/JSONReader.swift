/// Reads JSON (RFC 8259) from bytes, and passes over what is not asked for without making anything of it.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var at = 0

  private static var deepest: Int { 128 }

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// All of `bytes` as one value.
  static func whole(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONMistake) -> FieldValue {
    var reader = JSONReader(bytes)
    let value = try reader.value()
    guard reader.peek() == nil else { throw reader.mistake("expected nothing after the value") }
    return value
  }

  func mistake(_ reason: String) -> JSONMistake { JSONMistake(byte: at, reason: reason) }

  /// The next byte that is no white space, which is not taken yet.
  mutating func peek() -> UInt8? {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return bytes[at]
      }
    }
    return nil
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    at += 1
    return true
  }

  mutating func value(depth: Int = 0) throws(JSONMistake) -> FieldValue {
    guard depth < Self.deepest else { throw mistake("nested deeper than \(Self.deepest)") }
    switch peek() {
    case UInt8(ascii: "{"):
      var fields: [String: FieldValue] = [:]
      var names = JSONNames()
      while try names.next(&self) {
        let name = try string().text(of: bytes)
        guard take(UInt8(ascii: ":")) else { throw mistake("expected ':'") }
        fields[name] = try value(depth: depth + 1)
      }
      return .object(fields)
    case UInt8(ascii: "["):
      var values: [FieldValue] = []
      var places = JSONPlaces()
      while try places.next(&self) { values.append(try value(depth: depth + 1)) }
      return .array(values)
    case UInt8(ascii: "\""): return .string(try string().text(of: bytes))
    case UInt8(ascii: "t"):
      try word("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    case nil: throw mistake("the text ends where a value should be")
    default: return try number()
    }
  }

  /// Passes over one value.
  ///
  /// - Complexity: O(its bytes), without recursion.
  mutating func skip() throws(JSONMistake) {
    var depth = 0
    repeat {
      switch peek() {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        at += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        at += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"): at += 1
      case UInt8(ascii: "\""): _ = try string()
      case nil: throw mistake("the text ends inside a value")
      default:
        while at < bytes.count, !Self.endsWord(bytes[at]) { at += 1 }
      }
    } while depth > 0
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), 0...0x20: true
    default: false
    }
  }

  private mutating func word(_ word: StaticString) throws(JSONMistake) {
    let length = word.utf8CodeUnitCount
    guard bytes.count - at >= length, (0..<length).allSatisfy({ bytes[at + $0] == word.utf8Start[$0] }) else {
      throw mistake("expected a value")
    }
    at += length
  }

  /// The next string, which stays where it is.
  mutating func string() throws(JSONMistake) -> JSONString {
    guard take(UInt8(ascii: "\"")) else { throw mistake("expected a string") }
    let start = at
    var hasEscapes = false
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at += 1
        return JSONString(range: start..<at - 1, hasEscapes: hasEscapes)
      }
      if byte < 0x20 { throw mistake("a control character in a string; write it as \\u00..") }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        at += 1
      }
      at += 1
    }
    at = min(at, bytes.count)
    throw mistake("a string has no closing quote")
  }

  /// The bytes of a string without escapes.
  func slice(_ string: JSONString) -> UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes[string.range]) }

  func text(_ string: JSONString) throws(JSONMistake) -> String { try string.text(of: bytes) }

  private mutating func number() throws(JSONMistake) -> FieldValue {
    let start = at
    if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
    guard let first = digit() else {
      at = start
      throw mistake("expected a value")
    }
    var mantissa = UInt64(first)
    var digits = 1
    var exponent = 0
    at += 1
    while let next = digit(), first > 0 {
      (mantissa, digits) = (mantissa &* 10 &+ UInt64(next), digits + 1)
      at += 1
    }
    var isInteger = true
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      isInteger = false
      at += 1
      guard digit() != nil else { throw mistake("expected a digit after the point") }
      while let next = digit() {
        (mantissa, digits, exponent) = (mantissa &* 10 &+ UInt64(next), digits + 1, exponent - 1)
        at += 1
      }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      at += 1
      var sign = 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
        sign = bytes[at] == UInt8(ascii: "-") ? -1 : 1
        at += 1
      }
      guard digit() != nil else { throw mistake("expected a digit in the exponent") }
      var written = 0
      while let next = digit() {
        written = min(written * 10 + Int(next), 1_000_000)
        at += 1
      }
      exponent += sign * written
    }
    let isNegative = bytes[start] == UInt8(ascii: "-")
    if isInteger, digits <= 18 { return .integer(isNegative ? -Int64(mantissa) : Int64(mantissa)) }
    // Both factors are exact, so that the one rounding is right (Clinger, "How to read floating point numbers accurately").
    if digits <= 15, abs(exponent) <= 22 {
      let magnitude =
        exponent < 0 ? Double(mantissa) / Self.powers[-exponent] : Double(mantissa) * Self.powers[exponent]
      return .number(isNegative ? -magnitude : magnitude)
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
    if isInteger, let integer = Int64(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else {
      at = start
      throw mistake("the number \(text) is beyond what 64 bits hold")
    }
    return .number(number)
  }

  private func digit() -> UInt8? {
    guard at < bytes.count, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") else { return nil }
    return bytes[at] - UInt8(ascii: "0")
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}

/// The way through the members of an object: `next` stands before a name while there are more.
struct JSONNames {
  private var began = false

  mutating func next(_ reader: inout JSONReader) throws(JSONMistake) -> Bool {
    defer { began = true }
    if !began {
      guard reader.take(UInt8(ascii: "{")) else { throw reader.mistake("expected an object") }
      if reader.take(UInt8(ascii: "}")) { return false }
      return true
    }
    if reader.take(UInt8(ascii: "}")) { return false }
    guard reader.take(UInt8(ascii: ",")) else { throw reader.mistake("expected ',' or '}'") }
    return true
  }
}

/// The way through the values of an array: `next` stands before a value while there are more.
struct JSONPlaces {
  private var began = false

  mutating func next(_ reader: inout JSONReader) throws(JSONMistake) -> Bool {
    defer { began = true }
    if !began {
      guard reader.take(UInt8(ascii: "[")) else { throw reader.mistake("expected an array") }
      if reader.take(UInt8(ascii: "]")) { return false }
      return true
    }
    if reader.take(UInt8(ascii: "]")) { return false }
    guard reader.take(UInt8(ascii: ",")) else { throw reader.mistake("expected ',' or ']'") }
    return true
  }
}
