internal import Spelling

/// Which store, and where it is, by the words of experiments, of configurations and of the command line.
///
/// Kinds: `embedded` (`path`), `milvus` (`url`, `admin`, `database`, `consistency`), `zilliz` (`url`,
/// `database`, `consistency`), `milvus-lite` (`path`),
/// `llama-stack` (`url`, `provider`, `embedder`), `sqlite-vec` (`path`), `pgvector` (`url`). A word that holds a slash or ends in
/// `.store` is the path of an embedded one. Keys and tokens never stand in a specification: stores read them from the environment.
public struct StoreSpecification: Sendable, Hashable {
  public var kind: String
  public var parameters: [String: String]

  public init(kind: String, parameters: [String: String] = [:]) {
    self.kind = kind
    self.parameters = parameters
  }

  /// From one word: `docs.store`, `milvus:url=http://127.0.0.1:19530`, `pgvector`.
  ///
  /// - Throws: `VectorStoreError.invalidArgument` for a word that is none; kinds and parameters are checked by `StoreFactory`.
  public init(parsing word: String) throws(VectorStoreError) {
    let isSpecification = StoreFactory.kinds.contains { word == $0 || word.hasPrefix($0 + ":") }
    if !isSpecification, word.contains("/") || word.hasSuffix(".store") {
      self.init(kind: "embedded", parameters: ["path": word])
      return
    }
    do {
      let text = try SpecificationText(word)
      self.init(kind: text.kind, parameters: text.dictionary)
    } catch {
      throw .invalidArgument("no store: \(error)")
    }
  }
}

extension StoreSpecification: CustomStringConvertible {
  /// What `init(parsing:)` reads; parameters in the order of their names.
  public var description: String {
    let written = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(SpecificationText.quoted($0.value))" }
    return written.isEmpty ? kind : "\(kind):\(written.joined(separator: ","))"
  }

  /// - Throws: `VectorStoreError.invalidArgument` for a parameter that this kind does not have.
  func check(known: [String]) throws(VectorStoreError) {
    for name in parameters.keys.sorted() where !known.contains(name) {
      throw .invalidArgument("store '\(kind)' has no parameter '\(name)'; \(Spelling.hint(for: name, among: known))")
    }
  }
}
