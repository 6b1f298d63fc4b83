/// A word of a filter expression.
struct FilterToken: Equatable {
  enum Kind: Equatable {
    case integer(Int64)
    case number(Double)
    case string(FilterText)
    /// A field's name.
    case name(String)
    /// `and`, `or`, `not`, `in`, `like`, `true`, `false`, in capitals or not.
    case keyword(Keyword)
    case symbol(Symbol)
    case end
  }

  enum Keyword: String, CaseIterable { case and, or, not, `in`, like, `true`, `false` }

  /// Longer ones first, as the reader tries them in this order.
  enum Symbol: String, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case and = "&&"
    case or = "||"
    case less = "<"
    case greater = ">"
    case not = "!"
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case remainder = "%"
    case open = "("
    case close = ")"
    case openBracket = "["
    case closeBracket = "]"
    case comma = ","
  }

  var kind: Kind
  /// Counted from 1 in Unicode scalars.
  var column: Int

  /// As it is named where something else was expected.
  var description: String {
    switch kind {
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .string(let text): "the string \"\(text.text)\""
    case .name(let name): "'\(name)'"
    case .keyword(let keyword): "'\(keyword.rawValue)'"
    case .symbol(let symbol): "'\(symbol.rawValue)'"
    case .end: "the end"
    }
  }
}

/// A string literal, which `like` reads otherwise than the rest.
struct FilterText: Equatable {
  struct Element: Equatable {
    var scalar: Unicode.Scalar
    /// Written with a backslash: `\%` and `\_` are no wildcards.
    var isEscaped: Bool
  }

  var elements: [Element] = []

  var text: String {
    var scalars = String.UnicodeScalarView()
    for element in elements { scalars.append(element.scalar) }
    return String(scalars)
  }
}

/// Where a filter stops making sense.
struct FilterMistake: Error, Equatable {
  /// Counted from 1 in Unicode scalars.
  var column: Int
  var reason: String
}
