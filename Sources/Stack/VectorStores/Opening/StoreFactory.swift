internal import Spelling

/// Opens stores by their specifications.
public enum StoreFactory {
  public static let kinds = ["embedded", "milvus", "zilliz", "milvus-lite", "llama-stack", "sqlite-vec", "pgvector"]

  /// - Parameters:
  ///   - environment: holds addresses, keys and tokens: `MILVUS_TOKEN`, `ZILLIZ_URI`, `ZILLIZ_TOKEN`, ….
  ///   - access: `readOnly` refuses to make a file; servers do not know the difference.
  ///   - notice: hears, in a sentence, of what was mended or found out.
  /// - Throws: `VectorStoreError` for a kind or a parameter that is not known, and for a store that cannot be reached.
  public static func open(
    _ specification: StoreSpecification, environment: [String: String], access: EmbeddedStore.Access = .readWrite,
    notice: @escaping @Sendable (String) -> Void = { _ in }
  ) throws -> any VectorStore {
    switch specification.kind {
    case "embedded":
      try specification.check(known: ["path"])
      guard let path = specification.parameters["path"], !path.isEmpty else {
        throw VectorStoreError.invalidArgument("store 'embedded' needs a path, as in embedded:path=docs.store")
      }
      return try EmbeddedStore(path: path, access: access, notice: notice)
    case "milvus", "zilliz": return try MilvusStore.open(specification, environment, notice)
    case "milvus-lite": return try AdapterStore.open(specification, environment, notice)
    case "llama-stack": return try LlamaStackStore.open(specification, environment, notice)
    case "sqlite-vec": return try SQLiteVecStore.open(specification, environment, notice)
    case "pgvector": return try PGVectorStore.open(specification, environment, notice)
    default:
      throw VectorStoreError.invalidArgument(
        "no store is called '\(specification.kind)'; \(Spelling.hint(for: specification.kind, among: kinds))")
    }
  }
}
