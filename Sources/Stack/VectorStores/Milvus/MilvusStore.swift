enum MilvusStore {
  static func open(
    _ specification: StoreSpecification, _ environment: [String: String], _ notice: @escaping @Sendable (String) -> Void
  ) throws -> any VectorStore {
    throw VectorStoreError.unsupported(name: specification.kind, reason: "is not built yet")
  }
}
