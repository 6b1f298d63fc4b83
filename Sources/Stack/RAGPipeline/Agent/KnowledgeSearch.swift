/// A call of an agent's tool.
package struct KnowledgeSearch: Equatable {
  package static let tool = "knowledge_search"

  package var query: String

  package init(query: String) { self.query = query }

  /// As agents are told to write it.
  package var text: String {
    let escaped = query.map { character in
      switch character {
      case "\"", "\\": "\\\(character)"
      case _ where character.isNewline: "\\n"
      default: String(character)
      }
    }
    return "\(Self.tool)(query=\"\(escaped.joined())\")"
  }

  /// The call that a model wrote, however it wrote it: as it was told, with a colon, with single quotes or none, as the JSON of
  /// its own tool format (the arguments an object, or JSON in a string), between tags or words, broken off at its end.
  ///
  /// - Returns: nil for a text in which nothing is called, or nothing is asked for: no letter and no digit.
  package init?(parsing answer: String) {
    let name = answer.firstRange(of: Self.tool)
    guard let beginning = name?.upperBound ?? answer.firstIndex(of: "{") else { return nil }
    let rest = answer[beginning...]
    // Some formats write the arguments before the name.
    let query = Self.named(rest) ?? (name == nil ? nil : Self.positional(rest)) ?? Self.named(answer[...])
    guard let query, query.contains(where: { $0.isLetter || $0.isNumber }) else { return nil }
    self.query = query
  }

  /// Behind `query` and its sign.
  private static func named(_ text: Substring) -> String? {
    var rest = text
    while let key = rest.firstRange(of: "query") {
      rest = rest[key.upperBound...]
      let behind = rest.drop { $0.isWhitespace || $0 == "\\" || isQuote($0) }
      if let sign = behind.first, sign == ":" || sign == "=" { return value(behind.dropFirst()) }
    }
    return nil
  }

  /// Behind the tool's name and a parenthesis or colon, or between quotes.
  private static func positional(_ text: Substring) -> String? {
    let rest = text.drop(while: \.isWhitespace)
    guard let first = rest.first else { return nil }
    if first == "(" || first == ":" { return value(rest.dropFirst()) }
    return isQuote(first) && rest.startIndex > text.startIndex ? value(rest) : nil
  }

  /// What stands between quotes, or up to the end of the line or of the call.
  private static func value(_ text: Substring) -> String? {
    let rest = text.drop { $0.isWhitespace }
    let escapes = rest.prefix { $0 == "\\" }
    let quoted = rest.dropFirst(escapes.count)
    guard let quote = quoted.first, isQuote(quote) else {
      if rest.first == "{" { return nil }
      return trimmed(rest.prefix { !$0.isNewline && !")}<".contains($0) })
    }
    let content = quoted.dropFirst()
    guard escapes.isEmpty else {
      let end = content.firstRange(of: "\(escapes)\(quote)")?.lowerBound ?? content.endIndex
      return trimmed(content[..<end])
    }
    return trimmed(unescaped(content, until: quote)[...])
  }

  /// Up to the quote; one between letters is an apostrophe.
  private static func unescaped(_ text: Substring, until quote: Character) -> String {
    var value = ""
    var rest = text
    while let character = rest.popFirst() {
      if character == "\\" {
        guard let escaped = rest.popFirst() else { break }
        value.append(["n": "\n", "t": " ", "r": " "][escaped] ?? escaped)
      } else if character == quote {
        guard quote == "'", value.last?.isLetter == true, rest.first?.isLetter == true else { break }
        value.append(character)
      } else {
        value.append(character)
      }
    }
    return value
  }

  private static func isQuote(_ character: Character) -> Bool { "\"'`".contains(character) }

  private static func trimmed(_ text: Substring) -> String {
    let front = text.drop(while: \.isWhitespace)
    return String(front.reversed().drop(while: \.isWhitespace).reversed())
  }
}
