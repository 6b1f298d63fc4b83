public import Embedders
public import VectorIndexes
public import VectorStores

/// Embeds a question here and searches a collection of a store with it.
public struct StoreRetriever: Retriever {
  private let embedder: any Embedder
  private let store: any VectorStore
  private let collection: String
  private let parameters: SearchParameters
  private let consistency: Consistency
  private let now: @Sendable () -> UInt64

  /// - Parameters:
  ///   - parameters: what the index turns at search time.
  ///   - now: nanoseconds of a clock that never goes back: the pipeline's.
  /// - Throws: `VectorStoreError` if there is no such collection; `RAGError` if its vectors have another dimension than the
  ///   embedder's.
  public init(
    embedder: any Embedder, store: any VectorStore, collection: String,
    parameters: SearchParameters = SearchParameters(), consistency: Consistency = .strong,
    now: @escaping @Sendable () -> UInt64
  ) throws {
    self.embedder = embedder
    self.store = store
    self.collection = collection
    self.parameters = parameters
    self.consistency = consistency
    self.now = now
    let present = try store.collections()
    guard let schema = present.first(where: { $0.schema.name == collection })?.schema else {
      throw VectorStoreError.noSuchCollection(collection, known: present.map(\.schema.name))
    }
    try schema.check(embedder)
  }

  public func retrieve(_ question: String, limit: Int) throws -> Retrieval {
    let start = now()
    let vector = try embedder.embed([question], as: .query).values
    let embedded = now()
    let request = SearchRequest(
      vectors: vector, limit: limit, outputFields: .named(Passage.fields), consistency: consistency,
      parameters: parameters)
    let hits = try store.search(request, in: collection).first ?? []
    let spans = [StageSpan(.embed, start: start, end: embedded), StageSpan(.search, start: embedded, end: now())]
    return try Retrieval(hits: hits, collection: collection, spans: spans)
  }
}

extension CollectionSchema {
  /// - Throws: `RAGError` if the embedder gives vectors of another dimension.
  func check(_ embedder: any Embedder) throws(RAGError) {
    guard dimension != embedder.dimension else { return }
    throw RAGError(
      "embedder \(embedder.name) gives vectors of dimension \(embedder.dimension), and collection '\(name)' has \(dimension); "
        + (properties["embedder"].map { "it was filled with \($0): name that" }
          ?? "name the embedder that it was filled with"))
  }
}
