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
}
