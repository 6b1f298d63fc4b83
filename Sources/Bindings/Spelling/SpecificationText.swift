/// A thing with parameters in one word, as command lines and experiments write it: `recursive:size=512,overlap=51`,
/// `separator:separator="# "`.
///
/// After the kind come parameters, in any order. Double quotes keep commas together; inside them `\n`, `\r`, `\t`, `\"` and `\\`
/// are escapes.
package struct SpecificationText: Sendable, Equatable {
  package var kind: String
  /// In the order in which they stand.
  package var parameters: [(name: String, value: String)]

  package struct Mistake: Error, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
  }

  /// - Throws: `Mistake` for a word without a kind, a parameter without a name, and one given twice.
  package init(_ word: String) throws(Mistake) {
    let colon = word.firstIndex(of: ":")
    kind = String(word[..<(colon ?? word.endIndex)])
    parameters = []
    guard !kind.isEmpty else { throw Mistake("'\(word)' begins with no kind; write KIND or KIND:parameter=value") }
    guard let colon else { return }
    for piece in Self.split(word[word.index(after: colon)...], at: ",") {
      guard let equals = piece.firstIndex(of: "="), equals > piece.startIndex else {
        throw Mistake("'\(piece)' in '\(word)' is no parameter; write name=value")
      }
      let name = String(piece[..<equals])
      guard !parameters.contains(where: { $0.name == name }) else { throw Mistake("'\(word)' gives \(name) twice") }
      let value = piece[piece.index(after: equals)...]
      parameters.append((name, Self.unquoted(String(value))))
    }
  }

  package var dictionary: [String: String] {
    Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.value) })
  }

  package static func == (a: Self, b: Self) -> Bool {
    a.kind == b.kind && a.parameters.elementsEqual(b.parameters) { $0 == $1 }
  }

  /// The value so that reading it gives it back: quoted where it holds what would end it.
  package static func quoted(_ value: String) -> String {
    guard value.isEmpty || value.contains(where: { ",\"|\\\n\r\t ".contains($0) }) else { return value }
    var text = "\""
    for character in value {
      text += escapes.first { $0.value == character }.map { "\\\($0.mark)" } ?? String(character)
    }
    return text + "\""
  }

  /// The pieces between separators that stand outside double quotes.
  package static func split(_ text: Substring, at separator: Character) -> [String] {
    var pieces = [""]
    var isQuoted = false
    var isEscaped = false
    for character in text {
      if character == "\"", !isEscaped { isQuoted.toggle() }
      isEscaped = isQuoted && character == "\\" && !isEscaped
      if character == separator, !isQuoted {
        pieces.append("")
      } else {
        pieces[pieces.count - 1].append(character)
      }
    }
    return pieces
  }

  private static let escapes: [(mark: Character, value: Character)] = [
    ("n", "\n"), ("r", "\r"), ("t", "\t"), ("\"", "\""), ("\\", "\\"),
  ]

  package static func unquoted(_ text: String) -> String {
    guard text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
    var value = ""
    var isEscaped = false
    for character in text.dropFirst().dropLast() {
      if isEscaped {
        value += escapes.first { $0.mark == character }.map { String($0.value) } ?? "\\\(character)"
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        value.append(character)
      }
    }
    return isEscaped ? value + "\\" : value
  }
}
