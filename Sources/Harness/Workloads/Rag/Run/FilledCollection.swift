internal import Documents
internal import Embedders
internal import Instrumentation
internal import RAGPipeline
internal import RunStore
internal import VectorIndexes
internal import VectorStores

/// One corpus in one store under one index, ready to be searched.
final class FilledCollection {
  let store: any VectorStore
  /// Of the store, which may hold the collections of others.
  let name: String
  private let embedder: RememberingEmbedder
  private let chunker: any Chunker
  /// Series of pass 0: what filling took.
  private(set) var samples: [String: Samples] = [:]

  /// Creates and fills the collection; the vectors are at hand, so that the store's work is what takes the time.
  ///
  /// - Parameter name: that no other collection has.
  /// - Throws: what the store throws; what was begun is dropped then.
  init(
    _ documents: [Document], as name: String, in store: any VectorStore, engine: EngineChoice, metric: StoreMetric,
    chunker: any Chunker, embedder: RememberingEmbedder, batch: Int
  ) throws {
    self.store = store
    self.chunker = chunker
    self.embedder = embedder
    self.name = name
    guard let index = engine.specification else { throw EngineError("\(engine.engine) cannot live in a store") }
    var schema = CollectionSchema(
      name: name, dimension: embedder.dimension, metric: metric, keyType: .string, index: index)
    schema.properties["embedder"] = embedder.name
    do {
      let start = MonotonicClock.now()
      var ingestion = try Ingestion(chunker: chunker, embedder: stored, store: store, schema: schema, batch: batch)
      try ingestion.add(documents)
      try ingestion.flush()
      let inserted = MonotonicClock.now()
      try ingestion.finish()
      samples = [
        "insert_seconds": .double([MonotonicClock.seconds(from: start, to: MonotonicClock.now())]),
        "optimize_seconds": .double([MonotonicClock.seconds(from: inserted, to: MonotonicClock.now())]),
        "rows": .uint64([UInt64(ingestion.report.rows)]),
      ]
      if let bytes = try store.diskBytes(of: name) { samples["disk_bytes"] = .double([Double(bytes)]) }
    } catch {
      drop()
      throw error
    }
  }

  /// nil for a store whose server embeds texts itself.
  private var stored: (any Embedder)? { store is any TextSearchStore ? nil : embedder }

  /// - Parameter parameters: what the index turns at search time.
  func retriever(_ parameters: SearchParameters) throws -> any Retriever {
    if let store = store as? any TextSearchStore {
      return try TextSearchRetriever(store: store, collection: name, now: { MonotonicClock.now() })
    }
    return try StoreRetriever(
      embedder: embedder, store: store, collection: name, parameters: parameters, now: { MonotonicClock.now() })
  }

  /// Fills the same collection further.
  func ingestion() throws -> Ingestion {
    guard let schema = try store.collections().first(where: { $0.schema.name == name })?.schema else {
      throw EngineError("collection \(name) is gone from \(store.name)")
    }
    // A server that embeds texts itself replaces none.
    return try Ingestion(
      chunker: chunker, embedder: stored, store: store, schema: schema, replaces: stored != nil, batch: 1024)
  }

  /// How a document's first chunk is found again.
  func probe(_ document: Document) throws -> DocumentProbe {
    guard let chunk = chunker.chunks(of: document.text).first else {
      throw EngineError("document \(document.id) has no chunk")
    }
    return DocumentProbe(text: chunk.text, vector: embedder.vector(of: chunk.text))
  }

  /// Keys of all chunks of a document.
  func keys(of document: Document) -> [PrimaryKey] {
    chunker.chunks(of: document.text).indices.map { .string("\(document.id)#\($0)") }
  }

  /// A server that is gone has nothing left to drop.
  func drop() { try? store.drop(collection: name) }
}

/// What a chunk is found by.
struct DocumentProbe: Sendable {
  var text: String
  /// nil where the store's server embeds texts itself.
  var vector: [Float]?
}
