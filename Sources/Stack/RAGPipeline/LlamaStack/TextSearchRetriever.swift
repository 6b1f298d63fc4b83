public import VectorStores

/// Searches a collection of a store whose server embeds the question.
public struct TextSearchRetriever: Retriever {
  private let store: any TextSearchStore
  private let collection: String
  private let now: @Sendable () -> UInt64

  /// - Parameter now: nanoseconds of a clock that never goes back: the pipeline's.
  /// - Throws: `VectorStoreError` if there is no such collection.
  public init(store: any TextSearchStore, collection: String, now: @escaping @Sendable () -> UInt64) throws {
    self.store = store
    self.collection = collection
    self.now = now
    let present = try store.collections()
    guard present.contains(where: { $0.schema.name == collection }) else {
      throw VectorStoreError.noSuchCollection(collection, known: present.map(\.schema.name))
    }
  }

  public func retrieve(_ question: String, limit: Int) throws -> Retrieval {
    let start = now()
    let hits = try store.search(texts: [question], limit: limit, in: collection).first ?? []
    return try Retrieval(hits: hits, collection: collection, spans: [StageSpan(.search, start: start, end: now())])
  }
}
