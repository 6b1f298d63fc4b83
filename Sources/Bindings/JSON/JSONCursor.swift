/// Reads a JSON text from front to back without building a value of it, for texts of which little is wanted and many come.
///
/// As strict as `JSONValue.parse`, but for members of one name, of which the caller may take any.
/// It reads memory that its owner keeps alive, and allocates nothing but the strings that are asked for.
package struct JSONCursor {
  package private(set) var offset = 0
  private let bytes: UnsafeRawBufferPointer
  private let deepest: Int
  private var depth = 0
  /// The name of the member that comes next, as it is written.
  private var name = 0..<0
  private var nameHasEscapes = false

  package init(_ bytes: UnsafeRawBufferPointer, depth: Int = 256) {
    self.bytes = bytes
    deepest = depth
  }

  package func failure(_ reason: String) -> JSONError { JSONError(offset: offset, reason: reason) }

  /// 0 at the end, which no JSON text holds.
  @inline(__always)
  private var next: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  @inline(__always)
  private mutating func skipSpace() {
    while offset < bytes.count, bytes[offset] <= 0x20 {
      guard bytes[offset] == 0x20 || bytes[offset] == 0x0A || bytes[offset] == 0x0D || bytes[offset] == 0x09 else {
        return
      }
      offset += 1
    }
  }

  // MARK: - Objects and lists

  /// - Throws: if no object begins here.
  package mutating func openObject() throws(JSONError) { try open(UInt8(ascii: "{"), "an object belongs here") }
  package mutating func openList() throws(JSONError) { try open(UInt8(ascii: "["), "a list belongs here") }

  private mutating func open(_ mark: UInt8, _ reason: String) throws(JSONError) {
    skipSpace()
    guard next == mark else { throw failure(reason) }
    guard depth < deepest else { throw failure("nested deeper than \(deepest) levels") }
    depth += 1
    offset += 1
  }

  /// Goes on to the value of the next member of the object, and answers whether there is one.
  ///
  /// - Parameter isFirst: true before the first call for an object.
  package mutating func nextMember(_ isFirst: inout Bool) throws(JSONError) -> Bool {
    guard try goOn(UInt8(ascii: "}"), &isFirst, "',' or '}' belongs here") else { return false }
    guard next == UInt8(ascii: "\"") else { throw failure("a name in double quotes belongs here") }
    (name, nameHasEscapes) = try stringRange()
    skipSpace()
    guard next == UInt8(ascii: ":") else { throw failure("':' belongs here") }
    offset += 1
    return true
  }

  /// Goes on to the next value of the list, and answers whether there is one.
  package mutating func nextElement(_ isFirst: inout Bool) throws(JSONError) -> Bool {
    try goOn(UInt8(ascii: "]"), &isFirst, "',' or ']' belongs here")
  }

  private mutating func goOn(_ end: UInt8, _ isFirst: inout Bool, _ reason: String) throws(JSONError) -> Bool {
    skipSpace()
    if next == end {
      offset += 1
      depth -= 1
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    guard next == UInt8(ascii: ",") else { throw failure(reason) }
    offset += 1
    skipSpace()
    return true
  }

  /// Whether the member that `nextMember` went to has this name, which needs no escapes.
  package func isNamed(_ wanted: StaticString) -> Bool {
    if nameHasEscapes {
      let name = try? text(name, hasEscapes: true)
      return name?.utf8.elementsEqual(UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount))
        == true
    }
    let count = wanted.utf8CodeUnitCount
    guard name.count == count else { return false }
    for index in 0..<count where bytes[name.lowerBound + index] != wanted.utf8Start[index] { return false }
    return true
  }

  /// - Throws: if anything but space is left.
  package mutating func end() throws(JSONError) {
    skipSpace()
    guard offset == bytes.count else { throw failure("something follows the JSON value") }
  }

  // MARK: - Values

  package enum Kind { case object, list, string, number, bool, null }

  /// What begins here.
  package mutating func kind() throws(JSONError) -> Kind {
    skipSpace()
    guard depth < deepest else { throw failure("nested deeper than \(deepest) levels") }
    switch next {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .list
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default:
      throw failure(offset < bytes.count ? "a JSON value belongs here" : "the JSON text ends before its value does")
    }
  }

  /// Takes a null, if there is one.
  package mutating func takeNull() throws(JSONError) -> Bool {
    guard try kind() == .null else { return false }
    try word("null")
    return true
  }

  private mutating func word(_ text: StaticString) throws(JSONError) {
    let count = text.utf8CodeUnitCount
    guard bytes.count - offset >= count else { throw failure("a JSON value belongs here") }
    for index in 0..<count where bytes[offset + index] != text.utf8Start[index] {
      throw failure("a JSON value belongs here")
    }
    offset += count
  }

  /// Goes past a value of any kind, checking it.
  package mutating func skip() throws(JSONError) {
    switch try kind() {
    case .string: _ = try stringRange()
    case .number: _ = try numberRange()
    case .null: try word("null")
    case .bool: _ = try bool()
    case .object:
      try openObject()
      var isFirst = true
      while try nextMember(&isFirst) { try skip() }
    case .list:
      try openList()
      var isFirst = true
      while try nextElement(&isFirst) { try skip() }
    }
  }

  /// Any number: `integer`, or else `number`.
  package mutating func numericValue() throws(JSONError) -> JSONValue {
    guard try kind() == .number else { throw failure("a number belongs here") }
    let (range, isWhole) = try numberRange()
    let text = String(decoding: bytes[range], as: UTF8.self)
    if isWhole, let whole = Int(text) { return .integer(whole) }
    guard let value = Double(text), value.isFinite else {
      throw JSONError(offset: range.lowerBound, reason: "a number too large")
    }
    return .number(value)
  }

  /// True or false.
  package mutating func bool() throws(JSONError) -> Bool {
    guard try kind() == .bool else { throw failure("true or false belongs here") }
    let value = next == UInt8(ascii: "t")
    try word(value ? "true" : "false")
    return value
  }

  /// A whole number; nil for any other number, and for one that does not fit.
  package mutating func integer() throws(JSONError) -> Int? {
    guard try kind() == .number else { throw failure("a number belongs here") }
    let (range, isWhole) = try numberRange()
    guard isWhole else {
      return Double(String(decoding: bytes[range], as: UTF8.self)).flatMap { Int(exactly: $0) }
    }
    var value = 0
    let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
    for index in (range.lowerBound + (isNegative ? 1 : 0))..<range.upperBound {
      let (product, hasOverflown) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLarge) = product.subtractingReportingOverflow(Int(bytes[index] - 0x30))
      if hasOverflown || isTooLarge { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }

  private mutating func digits() throws(JSONError) {
    let start = offset
    while next >= 0x30, next <= 0x39 { offset += 1 }
    guard offset > start else { throw failure("a digit belongs here") }
  }

  private mutating func numberRange() throws(JSONError) -> (Range<Int>, isWhole: Bool) {
    let start = offset
    var isWhole = true
    if next == UInt8(ascii: "-") { offset += 1 }
    let first = offset
    try digits()
    guard bytes[first] != UInt8(ascii: "0") || offset == first + 1 else {
      offset = start
      throw failure("a number does not begin with 0")
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
    return (start..<offset, isWhole)
  }

  // MARK: - Texts

  /// Goes past a text and answers whether it is empty.
  package mutating func skipString() throws(JSONError) -> Bool {
    guard try kind() == .string else { throw failure("a text belongs here") }
    return try stringRange().0.isEmpty
  }

  package mutating func string() throws(JSONError) -> String {
    guard try kind() == .string else { throw failure("a text belongs here") }
    let (range, hasEscapes) = try stringRange()
    return try text(range, hasEscapes: hasEscapes)
  }

  /// The name of the member that `nextMember` went to, and where it stands.
  package func memberName() throws(JSONError) -> (String, offset: Int) {
    (try text(name, hasEscapes: nameHasEscapes), name.lowerBound - 1)
  }

  private func text(_ range: Range<Int>, hasEscapes: Bool) throws(JSONError) -> String {
    guard hasEscapes else { return String(decoding: bytes[range], as: UTF8.self) }
    var copy = self
    copy.offset = range.lowerBound
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    try copy.unescape(until: range.upperBound, into: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Checks a text and goes past it.
  private mutating func stringRange() throws(JSONError) -> (Range<Int>, hasEscapes: Bool) {
    offset += 1
    let start = offset
    var hasEscapes = false
    var seen: UInt8 = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") {
        let range = start..<offset
        if seen >= 0x80, String(validating: bytes[range], as: UTF8.self) == nil {
          offset = start
          throw failure("the text is no valid UTF-8")
        }
        offset += 1
        return (range, hasEscapes)
      }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        try skipEscape()
        continue
      }
      guard byte >= 0x20 else {
        throw failure("a control character stands in a text; it is written \\u00XX")
      }
      seen |= byte
      offset += 1
    }
    throw failure("the JSON text ends before its value does")
  }

  private mutating func skipEscape() throws(JSONError) {
    offset += 1
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      offset += 1
    case UInt8(ascii: "u"):
      offset += 1
      _ = try hexadecimal()
    default: throw failure("no escape begins with this")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    let start = offset
    var value: UInt32 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch next {
      case 0x30...0x39: digit = next - 0x30
      case 0x41...0x46: digit = next - 0x37
      case 0x61...0x66: digit = next - 0x57
      default: throw JSONError(offset: start, reason: "four hexadecimal digits belong behind \\u")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  /// Writes what a checked text means.
  private mutating func unescape(until end: Int, into text: inout [UInt8]) throws(JSONError) {
    while offset < end {
      let byte = bytes[offset]
      offset += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      let mark = bytes[offset]
      offset += 1
      switch mark {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        var value = try hexadecimal()
        if (0xD800..<0xDC00).contains(value), end - offset >= 6, bytes[offset] == UInt8(ascii: "\\"),
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
        text.append(contentsOf: Unicode.Scalar(value).flatMap(UTF8.encode) ?? UTF8.encode("\u{FFFD}")!)
      default: text.append(mark)
      }
    }
  }
}
