/// Cuts a filter expression into words.
struct FilterLexer {
  private let scalars: [Unicode.Scalar]
  private var at = 0

  /// - Throws: `FilterMistake` at the first character that begins no word.
  /// - Complexity: O(length).
  static func tokens(of filter: String) throws(FilterMistake) -> [FilterToken] {
    var lexer = FilterLexer(scalars: Array(filter.unicodeScalars))
    var tokens: [FilterToken] = []
    while let token = try lexer.next() { tokens.append(token) }
    tokens.append(FilterToken(kind: .end, column: lexer.scalars.count + 1))
    return tokens
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  private var current: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

  private mutating func next() throws(FilterMistake) -> FilterToken? {
    while let scalar = current, scalar.properties.isWhitespace { at += 1 }
    guard let first = current else { return nil }
    let column = at + 1
    let kind: FilterToken.Kind
    if Self.isDigit(first) || (first == "." && at + 1 < scalars.count && Self.isDigit(scalars[at + 1])) {
      kind = try number()
    } else if first == "\"" || first == "'" {
      kind = .string(try string(closedBy: first))
    } else if Self.beginsName(first) {
      kind = name()
    } else if let symbol = FilterToken.Symbol.allCases.first(where: { stands($0.rawValue) }) {
      at += symbol.rawValue.unicodeScalars.count
      kind = .symbol(symbol)
    } else {
      throw FilterMistake(column: column, reason: Self.refusal(of: first))
    }
    return FilterToken(kind: kind, column: column)
  }

  private static func refusal(of scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "=": "'=' compares nothing; write '=='"
    case "&": "'&' joins nothing; write 'and' or '&&'"
    case "|": "'|' joins nothing; write 'or' or '||'"
    default: "'\(scalar.escaped(asASCII: false))' begins neither a field, a value nor an operator"
    }
  }

  private func stands(_ text: String) -> Bool {
    let wanted = text.unicodeScalars
    return scalars.count - at >= wanted.count && scalars[at..<at + wanted.count].elementsEqual(wanted)
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func beginsName(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar == "$" || scalar.properties.isAlphabetic
  }

  private mutating func name() -> FilterToken.Kind {
    var text = String.UnicodeScalarView()
    while let scalar = current, Self.beginsName(scalar) || Self.isDigit(scalar) {
      text.append(scalar)
      at += 1
    }
    let name = String(text)
    if let keyword = FilterToken.Keyword(rawValue: name.lowercased()) { return .keyword(keyword) }
    return .name(name)
  }

  private mutating func number() throws(FilterMistake) -> FilterToken.Kind {
    let start = at
    func refuse(_ reason: String) -> FilterMistake { FilterMistake(column: start + 1, reason: reason) }
    func digits() { while let scalar = current, Self.isDigit(scalar) { at += 1 } }
    digits()
    var isInteger = true
    if current == "." {
      isInteger = false
      at += 1
      digits()
    }
    if current == "e" || current == "E" {
      isInteger = false
      at += 1
      if current == "+" || current == "-" { at += 1 }
      guard let scalar = current, Self.isDigit(scalar) else {
        throw FilterMistake(column: at + 1, reason: "expected a digit in the exponent")
      }
      digits()
    }
    if let scalar = current, Self.beginsName(scalar) {
      throw FilterMistake(
        column: at + 1, reason: "expected an operator or the end after a number; names begin with a letter")
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[start..<at])
    let text = String(view)
    if isInteger, let integer = Int64(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw refuse("the number \(text) is beyond 64 bits") }
    return .number(number)
  }

  private mutating func string(closedBy quote: Unicode.Scalar) throws(FilterMistake) -> FilterText {
    let start = at
    at += 1
    var text = FilterText()
    while let scalar = current {
      at += 1
      if scalar == quote { return text }
      if scalar != "\\" {
        text.elements.append(.init(scalar: scalar, isEscaped: false))
        continue
      }
      text.elements.append(.init(scalar: try escape(), isEscaped: true))
    }
    throw FilterMistake(column: start + 1, reason: "the string has no closing \(quote)")
  }

  /// What stands for the escape whose backslash was just taken.
  private mutating func escape() throws(FilterMistake) -> Unicode.Scalar {
    guard let scalar = current else {
      throw FilterMistake(column: at, reason: "expected a character after the backslash")
    }
    at += 1
    switch scalar {
    case "\"", "'", "\\", "%", "_", "/": return scalar
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      let digits = scalars[at..<min(at + 4, scalars.count)]
      var view = String.UnicodeScalarView()
      view.append(contentsOf: digits)
      guard digits.count == 4, digits.allSatisfy({ $0.properties.isASCIIHexDigit }),
        let value = UInt32(String(view), radix: 16), let decoded = Unicode.Scalar(value)
      else {
        throw FilterMistake(column: at + 1, reason: "expected four hexadecimal digits of a character after \\u")
      }
      at += 4
      return decoded
    default:
      throw FilterMistake(
        column: at, reason: "no escape is called '\\\(scalar.escaped(asASCII: false))'; write '\\\\' for a backslash")
    }
  }
}
