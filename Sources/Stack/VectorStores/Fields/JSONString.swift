/// A string of a JSON text, between its quotes.
struct JSONString {
  let range: Range<Int>
  let hasEscapes: Bool

  func text(of bytes: UnsafeBufferPointer<UInt8>) throws(JSONMistake) -> String {
    let content = UnsafeBufferPointer(rebasing: bytes[range])
    let decoded = hasEscapes ? try decoded(content) : nil
    let text = decoded.map { String(validating: $0, as: UTF8.self) } ?? String(validating: content, as: UTF8.self)
    guard let text else { throw JSONMistake(byte: range.lowerBound, reason: "a string that is no UTF-8") }
    return text
  }

  /// The UTF-8 that the escapes stand for.
  func decoded(_ content: UnsafeBufferPointer<UInt8>) throws(JSONMistake) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(content.count)
    var at = 0
    func mistake(_ reason: String) -> JSONMistake { JSONMistake(byte: range.lowerBound + at, reason: reason) }
    func unit() throws(JSONMistake) -> UInt16 {
      guard content.count - at >= 6, content[at] == UInt8(ascii: "\\"), content[at + 1] == UInt8(ascii: "u") else {
        throw mistake("expected \\u and four hexadecimal digits")
      }
      var value: UInt16 = 0
      for place in at + 2..<at + 6 {
        let digit: UInt8 =
          switch content[place] {
          case UInt8(ascii: "0")...UInt8(ascii: "9"): content[place] - UInt8(ascii: "0")
          case UInt8(ascii: "a")...UInt8(ascii: "f"): content[place] - UInt8(ascii: "a") + 10
          case UInt8(ascii: "A")...UInt8(ascii: "F"): content[place] - UInt8(ascii: "A") + 10
          default: throw mistake("expected four hexadecimal digits after \\u")
          }
        value = value << 4 | UInt16(digit)
      }
      at += 6
      return value
    }
    while at < content.count {
      guard content[at] == UInt8(ascii: "\\") else {
        out.append(content[at])
        at += 1
        continue
      }
      guard at + 1 < content.count else { throw mistake("an escape without its character") }
      if let plain = Self.plain(content[at + 1]) {
        out.append(plain)
        at += 2
        continue
      }
      let first = try unit()
      var value = UInt32(first)
      if UTF16.isLeadSurrogate(first) {
        let second = try unit()
        guard UTF16.isTrailSurrogate(second) else { throw mistake("half of a surrogate pair") }
        value = 0x10000 + (UInt32(first) & 0x3FF) << 10 + UInt32(second) & 0x3FF
      }
      guard let scalar = Unicode.Scalar(value) else { throw mistake("half of a surrogate pair") }
      out += Array(String(Character(scalar)).utf8)
    }
    return out
  }

  private static func plain(_ escape: UInt8) -> UInt8? {
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): escape
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    default: nil
    }
  }
}
