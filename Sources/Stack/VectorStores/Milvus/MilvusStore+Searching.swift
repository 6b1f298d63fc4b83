extension MilvusStore {
  func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    try with(collection) { collection in
      let dimension = collection.schema.dimension
      guard request.vectors.count % dimension == 0 else {
        throw VectorStoreError.invalidArgument(
          "\(request.vectors.count) numbers are no vectors of dimension \(dimension), which collection '\(collection.schema.name)' has"
        )
      }
      guard request.vectors.allSatisfy(\.isFinite) else {
        throw VectorStoreError.invalidArgument("a vector to search with has a number that is not finite")
      }
      guard (1...MilvusV1.window).contains(request.limit) else {
        throw VectorStoreError.invalidArgument(
          "a search asks for \(request.limit) rows; \(name) gives 1 to \(MilvusV1.window)")
      }
      guard !request.vectors.isEmpty else { return [] }
      let found = try interface.search(
        request, fields: MilvusFields(fields: request.outputFields),
        consistency: consistency ?? MilvusConsistency(request.consistency),
        in: collection)
      guard found.count == request.vectors.count / dimension else {
        throw VectorStoreError.remote(
          name: name, reason: "answered \(found.count) searches of \(request.vectors.count / dimension); ask again")
      }
      guard found.allSatisfy({ $0.count <= request.limit }) else {
        throw VectorStoreError.remote(
          name: name, reason: "answered with more than the \(request.limit) rows that were asked for")
      }
      return found
    }
  }
}
