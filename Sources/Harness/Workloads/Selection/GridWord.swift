package import Experiments
internal import Spelling

/// A kind with a grid of parameters in one word: `recursive:size=256|512,overlap=10%`, `hnsw:m=16,ef=10..160*2`.
///
/// After the kind come parameters; `|` separates the values of a grid, and each may be a range such as `10..160*2`.
/// Double quotes keep commas and bars together, with the escapes of `SpecificationText`.
package struct GridWord: Sendable, Equatable {
  package var kind: String
  /// In the order in which they stand.
  package var parameters: [GridAxis]

  package struct Mistake: Error, Equatable {
    package var reason: String
  }

  /// - Parameter noun: what the word should name, "chunker" say, for the error.
  /// - Throws: `Mistake` for a word that is none.
  package init(_ word: String, noun: String) throws(Mistake) {
    let (kind, pieces) = Self.parts(word)
    guard !kind.isEmpty else {
      throw Mistake(reason: "'\(word)' names no \(noun); write KIND or KIND:parameter=value")
    }
    self.kind = kind
    parameters = try Self.axes(pieces, in: word)
  }

  /// What stands before the first colon, and the pieces between commas after it.
  static func parts(_ word: String) -> (kind: String, pieces: ArraySlice<String>) {
    let colon = word.firstIndex(of: ":")
    return (
      String(word[..<(colon ?? word.endIndex)]),
      (colon.map { SpecificationText.split(word[word.index(after: $0)...], at: ",") } ?? [])[...]
    )
  }

  /// - Parameter word: where the pieces come from, for the error.
  static func axes(_ pieces: ArraySlice<String>, in word: String) throws(Mistake) -> [GridAxis] {
    var axes: [GridAxis] = []
    for piece in pieces {
      guard let equals = piece.firstIndex(of: "="), equals > piece.startIndex else {
        throw Mistake(reason: "'\(piece)' in '\(word)' is no parameter; write name=value or name=value|value")
      }
      let name = String(piece[..<equals])
      guard !axes.contains(where: { $0.name == name }) else {
        throw Mistake(reason: "'\(word)' gives \(name) twice; separate several values by |")
      }
      var values: [String] = []
      for text in SpecificationText.split(piece[piece.index(after: equals)...], at: "|") {
        guard !text.isEmpty else { throw Mistake(reason: "\(name) in '\(word)' has an empty value") }
        values += try unquoted(text, name: name)
      }
      axes.append(GridAxis(name: name, values: values))
    }
    return axes
  }

  private static func unquoted(_ text: String, name: String) throws(Mistake) -> [String] {
    if text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") { return [SpecificationText.unquoted(text)] }
    do {
      return try GridAxis.expand(text)
    } catch {
      throw Mistake(reason: "\(name): \(error.reason)")
    }
  }
}
