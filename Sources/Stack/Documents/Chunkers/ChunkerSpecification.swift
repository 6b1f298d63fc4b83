internal import Spelling

/// Which chunker, and how it cuts, by the words of experiments and of the command line.
///
/// Kinds: `recursive`, `separator`, `markdown`, `tokens`, `sentence`, and `whole`, which leaves a document as it is.
/// Parameters (`size`, `overlap`, `separator`, `tokenizer`) are strings until the kind reads them.
public struct ChunkerSpecification: Sendable, Hashable {
  public var kind: String
  public var parameters: [String: String]

  public init(kind: String, parameters: [String: String] = [:]) {
    self.kind = kind
    self.parameters = parameters
  }

  /// From one word: `recursive:size=512,overlap=51`, `separator:separator="# "`, `whole`. Values between double quotes may hold
  /// commas and the escapes `\n`, `\r`, `\t`, `\"`, `\\`.
  ///
  /// - Throws: `ChunkerError` for a word that is none; kinds and parameters are checked by `ChunkerFactory`.
  public init(parsing word: String) throws(ChunkerError) {
    do {
      let text = try SpecificationText(word)
      self.init(kind: text.kind, parameters: text.dictionary)
    } catch {
      throw ChunkerError("no chunker: \(error)")
    }
  }
}

extension ChunkerSpecification: CustomStringConvertible {
  /// The word that `init(parsing:)` reads, its parameters in the order of their names.
  public var description: String {
    let written = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(SpecificationText.quoted($0.value))" }
    return written.isEmpty ? kind : "\(kind):\(written.joined(separator: ","))"
  }
}
