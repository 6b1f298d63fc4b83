/// Cuts a template into texts and tags, and tags into tokens, with the white space rules that chat templates are written for:
/// `trim_blocks` and `lstrip_blocks` (transformers, `chat_template_utils.py`).
struct JinjaLexer {
  enum Part {
    case text(String)
    case output([Token])
    case statement([Token])
  }

  enum Token: Equatable {
    case name(String)
    case text(String)
    case integer(Int)
    case symbol(String)

    /// As it is spelt.
    var word: String {
      switch self {
      case .name(let word), .symbol(let word), .text(let word): word
      case .integer(let number): "\(number)"
      }
    }
  }

  private let bytes: [UInt8]
  private var offset = 0
  private(set) var parts: [(part: Part, line: Int)] = []

  /// - Throws: `JinjaError` with the line of a tag that does not end or holds what is no token.
  init(_ source: String) throws {
    var bytes = Array(source.utf8)
    bytes = bytes.indices.compactMap { index in
      guard bytes[index] == Self.carriageReturn else { return bytes[index] }
      return index + 1 < bytes.count && bytes[index + 1] == Self.newline ? nil : Self.newline
    }
    if bytes.last == Self.newline { bytes.removeLast() }
    self.bytes = bytes
    try cut()
  }

  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private mutating func cut() throws {
    var isLineStart = true
    var stripsNext = false
    var line = 1
    while offset < bytes.count {
      let start = offset
      while offset < bytes.count, tag(at: offset) == nil { offset += 1 }
      var text = bytes[start..<offset]
      line += text.count { $0 == Self.newline }
      let kind = tag(at: offset)
      let mark = offset + 2 < bytes.count ? bytes[offset + 2] : 0
      if stripsNext { text = text.drop(while: Self.isSpace) }
      if kind != nil, mark == UInt8(ascii: "-") {
        while let last = text.last, Self.isSpace(last) { text.removeLast() }
      } else if kind == UInt8(ascii: "%") || kind == UInt8(ascii: "#"), mark != UInt8(ascii: "+") {
        let lineStart = text.lastIndex(of: Self.newline).map { $0 + 1 }
        let first = lineStart ?? text.startIndex
        if lineStart != nil || isLineStart, text[first...].allSatisfy({ $0 == 32 || $0 == 9 }) {
          text = text[..<first]
        }
      }
      if !text.isEmpty { parts.append((.text(String(decoding: text, as: UTF8.self)), line)) }
      guard let kind else { return }
      offset += mark == UInt8(ascii: "-") || mark == UInt8(ascii: "+") ? 3 : 2
      let tagStart = offset
      let end = try readTag(kind, line: line)
      line += bytes[tagStart..<offset].count { $0 == Self.newline }
      stripsNext = end == UInt8(ascii: "-")
      isLineStart = false
      if kind != UInt8(ascii: "{"), end == 0, offset < bytes.count, bytes[offset] == Self.newline {
        offset += 1
        line += 1
        isLineStart = true
      }
    }
  }

  /// The second byte of a tag that begins here.
  private func tag(at offset: Int) -> UInt8? {
    guard offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "{") else { return nil }
    let second = bytes[offset + 1]
    return second == UInt8(ascii: "{") || second == UInt8(ascii: "%") || second == UInt8(ascii: "#") ? second : nil
  }

  /// Reads up to the end of a tag; the sign before that end, or 0.
  private mutating func readTag(_ kind: UInt8, line: Int) throws -> UInt8 {
    let close = kind == UInt8(ascii: "{") ? UInt8(ascii: "}") : kind
    var tokens: [Token] = []
    var depth = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      var sign: UInt8 = 0
      var end = offset
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") { (sign, end) = (byte, offset + 1) }
      if depth == 0, end + 1 < bytes.count, bytes[end] == close, bytes[end + 1] == UInt8(ascii: "}") {
        offset = end + 2
        if kind == UInt8(ascii: "{") { parts.append((.output(tokens), line)) }
        if kind == UInt8(ascii: "%") { parts.append((.statement(tokens), line)) }
        return sign
      }
      if kind == UInt8(ascii: "#") || Self.isSpace(byte) {
        offset += 1
      } else {
        let token = try token(line: line)
        if token == .symbol("{") { depth += 1 }
        if token == .symbol("}") { depth -= 1 }
        tokens.append(token)
      }
    }
    throw JinjaError(line: line, reason: "a tag has no end")
  }

  private mutating func token(line: Int) throws -> Token {
    let byte = bytes[offset]
    let start = offset
    if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { return .text(try text(quote: byte, line: line)) }
    if Self.isDigit(byte) {
      while offset < bytes.count, Self.isDigit(bytes[offset]) { offset += 1 }
      let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
      guard let number = Int(digits) else { throw JinjaError(line: line, reason: "the number \(digits) is too large") }
      return .integer(number)
    }
    if Self.isNameByte(byte) {
      while offset < bytes.count, Self.isNameByte(bytes[offset]) || Self.isDigit(bytes[offset]) { offset += 1 }
      return .name(String(decoding: bytes[start..<offset], as: UTF8.self))
    }
    let pair = String(decoding: bytes[offset..<min(offset + 2, bytes.count)], as: UTF8.self)
    if ["==", "!=", "<=", ">=", "//"].contains(pair) {
      offset += 2
      return .symbol(pair)
    }
    guard "()[]{}.,:|=<>+-*/%~".utf8.contains(byte) else {
      throw JinjaError(line: line, reason: "the sign with byte \(byte) means nothing in a tag")
    }
    offset += 1
    return .symbol(String(UnicodeScalar(byte)))
  }

  private mutating func text(quote: UInt8, line: Int) throws -> String {
    var content: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == quote { return String(decoding: content, as: UTF8.self) }
      guard byte == UInt8(ascii: "\\"), offset < bytes.count else {
        content.append(byte)
        continue
      }
      let escaped = bytes[offset]
      offset += 1
      switch escaped {
      case UInt8(ascii: "n"): content.append(Self.newline)
      case UInt8(ascii: "t"): content.append(9)
      case UInt8(ascii: "r"): content.append(Self.carriageReturn)
      case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): content.append(escaped)
      case UInt8(ascii: "u"):
        guard offset + 4 <= bytes.count,
          let code = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16),
          let scalar = Unicode.Scalar(code)
        else { throw JinjaError(line: line, reason: "\\u needs four hexadecimal digits of a scalar") }
        content += Array(String(scalar).utf8)
        offset += 4
      default: throw JinjaError(line: line, reason: "the escape with byte \(escaped) is not known")
      }
    }
    throw JinjaError(line: line, reason: "a text has no end")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 32)
  }
}
