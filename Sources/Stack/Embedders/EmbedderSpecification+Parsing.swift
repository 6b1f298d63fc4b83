internal import Spelling

extension EmbedderSpecification: CustomStringConvertible {
  /// From one word: `minilm:precision=fast`, `hashing:dimension=384`, `openai:url=http://127.0.0.1:8000/v1,model=m`. Values
  /// between double quotes may hold commas and the escapes `\n`, `\r`, `\t`, `\"`, `\\`.
  ///
  /// - Throws: `EmbedderError` for a word that is none; kinds and parameters are checked by `EmbedderFactory`.
  public init(parsing word: String) throws(EmbedderError) {
    do {
      let text = try SpecificationText(word)
      self.init(kind: text.kind, parameters: text.dictionary)
    } catch {
      throw EmbedderError("no embedder: \(error)")
    }
  }

  /// What `init(parsing:)` reads; parameters in the order of their names.
  public var description: String {
    let written = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(SpecificationText.quoted($0.value))" }
    return written.isEmpty ? kind : "\(kind):\(written.joined(separator: ","))"
  }
}
