package import Experiments
internal import Spelling

/// An index in one word, as the command line takes it: `flat`, `ivf:nlist=64,nprobe=1|4|16`,
/// `adapter:faiss,factory="HNSW16,Flat",efSearch=16|64`.
///
/// After the kind come parameters; `|` separates the values of a grid, and each may be a range such as `10..160*2`.
/// Double quotes keep commas and bars together.
package struct IndexArgument: Sendable, Equatable {
  package var kind: String
  package var isAdapter: Bool
  /// In the order in which they stand.
  package var parameters: [GridAxis]

  package struct Mistake: Error, Equatable {
    package var reason: String
  }

  /// - Throws: `Mistake` for a word that is none.
  package init(_ word: String) throws(Mistake) {
    let colon = word.firstIndex(of: ":")
    var kind = String(word[..<(colon ?? word.endIndex)])
    var pieces = colon.map { SpecificationText.split(word[word.index(after: $0)...], at: ",") } ?? []
    isAdapter = kind == "adapter"
    if isAdapter {
      guard let name = pieces.first, !name.isEmpty, !name.contains("=") else {
        throw Mistake(reason: "'\(word)' names no adapter; write adapter:NAME,parameter=value")
      }
      kind = name
      pieces.removeFirst()
    }
    guard !kind.isEmpty else { throw Mistake(reason: "'\(word)' names no index; write KIND or KIND:parameter=value") }
    self.kind = kind
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
        values += try Self.unquoted(text, name: name)
      }
      axes.append(GridAxis(name: name, values: values))
    }
    parameters = axes
  }

  private static func unquoted(_ text: String, name: String) throws(Mistake) -> [String] {
    if text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") { return [String(text.dropFirst().dropLast())] }
    do {
      return try GridAxis.expand(text)
    } catch {
      throw Mistake(reason: "\(name): \(error.reason)")
    }
  }
}
