public import Documents
public import Embedders
public import VectorStores

/// Puts documents into a collection: cut into chunks, embedded, stored as rows a batch at a time.
///
/// A row is a chunk: fields `document`, `index`, `text`, `start`, `end`, `source`, and `title` and `metadata` where there are
/// any; its key is `DOCUMENT#INDEX`. A collection that is not there is made for the first batch.
public struct Ingestion {
  private let chunker: any Chunker
  private let batch: Int
  private var filler: CollectionFiller
  private var waiting: [RowLine] = []
  /// Documents that were added.
  public private(set) var documents = 0

  /// - Parameters:
  ///   - schema: of the collection, if it has to be made; its dimension is the embedder's.
  ///   - embedder: nil for a store that embeds texts itself.
  ///   - replaces: whether a chunk replaces the row with its key, or is refused.
  ///   - batch: rows stored at a time, at least 1.
  /// - Throws: `VectorStoreError` if the store cannot tell its collections; `RAGError` if the collection's vectors have
  ///   another dimension than the embedder's.
  public init(
    chunker: any Chunker, embedder: (any Embedder)?, store: any VectorStore, schema: CollectionSchema,
    replaces: Bool = false, batch: Int = 512
  ) throws {
    self.chunker = chunker
    self.batch = max(1, batch)
    if let embedder, let present = try store.collections().first(where: { $0.schema.name == schema.name }) {
      try present.schema.check(embedder)
    }
    filler = try CollectionFiller(
      store: store, schema: schema, replaces: replaces, embed: embedder.map { $0.textVectors })
  }

  /// What was stored so far.
  public var report: CollectionFiller.Report { filler.report }

  /// Adds documents whose ids no other document of the collection has; all full batches are stored when this returns.
  ///
  /// - Throws: what the embedder and the store throw.
  public mutating func add(_ documents: [Document]) throws {
    for document in documents {
      self.documents += 1
      for (index, chunk) in chunker.chunks(of: document.text).enumerated() {
        waiting.append(RowLine(chunk, index, of: document))
        if waiting.count == batch { try flush() }
      }
    }
  }

  /// Stores what waits for a full batch.
  public mutating func flush() throws {
    try filler.add(waiting)
    waiting.removeAll(keepingCapacity: true)
  }

  /// Stores the rest, and brings the index up to date.
  public mutating func finish() throws {
    try flush()
    try filler.finish()
  }
}

extension RowLine {
  /// A chunk as a row.
  init(_ chunk: Chunk, _ index: Int, of document: Document) {
    var fields: [String: FieldValue] = [
      "document": .string(document.id), "index": .integer(Int64(index)), "text": .string(chunk.text),
      "start": .integer(Int64(chunk.start)), "end": .integer(Int64(chunk.end)), "source": .string(document.source),
    ]
    if let title = document.title { fields["title"] = .string(title) }
    let metadata = document.metadata.merging(chunk.metadata) { $1 }
    if !metadata.isEmpty { fields["metadata"] = .object(metadata.mapValues { .string($0) }) }
    self.init(row: StoreRow(key: .string("\(document.id)#\(index)"), vector: [], fields: fields), text: chunk.text)
  }
}

extension Embedder {
  /// Documents' vectors, as a collection is filled with.
  public var textVectors: ([String]) throws -> CollectionFiller.TextVectors {
    { texts in
      let batch = try embed(texts, as: .document)
      return .init(dimension: batch.dimension, values: batch.values, truncated: batch.truncatedTokens.count { $0 > 0 })
    }
  }
}
