internal import Checksums
internal import Documents
internal import Embedders
internal import HTTP
internal import JSON
internal import RAGPipeline
internal import Tokenizers
internal import VectorStores

/// Puts documents and chunks of requests into vector databases. Blocks while pages are fetched, texts embedded and rows stored.
struct DocumentIntake: Sendable {
  let limits: FetchLimits
  /// Measures chunks for embedders that have no tokenizer here.
  let otherTokenizer: (any Tokenizer)?

  /// Of Llama Stack.
  static let standardChunkSize = 512
  /// Text that one request may bring, in multiples of what one document may.
  private static let mostDocuments = 16

  /// Cuts documents as Llama Stack does, with a quarter of a chunk shared between neighbours, and stores them.
  ///
  /// Every document is read before the first is stored, so that a page that cannot be had leaves nothing behind. A document whose id
  /// is there already is replaced.
  func insert(_ documents: [StackDocument], chunkSize: Int, into database: VectorDatabase) throws {
    guard let tokenizer = database.model.tokenizer ?? otherTokenizer else {
      throw APIError.badRequest(
        "'\(database.model.id)' has no tokenizer here to measure chunks with; use another model.")
    }
    guard chunkSize >= 1 else {
      throw APIError.badRequest("chunk_size_in_tokens must be at least 1, got \(chunkSize).", "chunk_size_in_tokens")
    }
    var read: [Document] = []
    var bytes = 0
    for document in documents {
      read.append(try document.read(limits))
      bytes += read[read.count - 1].text.utf8.count
      guard bytes <= limits.bytes * Self.mostDocuments else {
        throw APIError.badRequest(
          "The documents have more than \(limits.bytes * Self.mostDocuments) bytes together; send them in several requests."
        )
      }
    }
    let chunker = try TokenChunker(tokenizer: tokenizer, size: chunkSize, overlap: chunkSize / 4)
    var ingestion = try Ingestion(
      chunker: chunker, embedder: database.model.embedder, store: database.store, schema: database.collection,
      replaces: true)
    for document in read {
      let before = ingestion.report
      try ingestion.add([document])
      try ingestion.flush()
      let after = ingestion.report
      guard after.replaced > before.replaced else { continue }
      // Of an older, longer version of it.
      let id = FieldValue.string(document.id).json
      _ = try database.store.delete(
        matching: "document == \(id) and index >= \(after.rows - before.rows)", from: database.collection.name)
    }
    try ingestion.finish()
  }

  /// Stores chunks that a client has cut itself, embedded by it or to be embedded here.
  func insert(_ chunks: [StackChunk], into database: VectorDatabase) throws {
    var lines: [RowLine] = []
    for (index, chunk) in chunks.enumerated() {
      if let vector = chunk.embedding, vector.count != database.collection.dimension {
        throw APIError.badRequest(
          "chunks.\(index).embedding has \(vector.count) values, and '\(database.id)' takes \(database.collection.dimension)."
        )
      }
      let fields: [String: FieldValue] = [
        "document": .string(chunk.document), "index": .integer(Int64(index)), "text": .string(chunk.text),
        "start": .integer(0), "end": .integer(Int64(chunk.text.utf8.count)), "source": .string(chunk.document),
        "metadata": FieldValue(chunk.metadata),
      ]
      // Chunks of one document come in several requests: their place in one is no name.
      let key = "\(chunk.document)#\(SHA256.hex(of: chunk.text).prefix(16))"
      let row = StoreRow(key: .string(key), vector: chunk.embedding ?? [], fields: fields)
      lines.append(RowLine(row: row, text: chunk.embedding == nil ? chunk.text : nil))
    }
    // The same chunk twice is one row.
    var keys: Set<PrimaryKey> = []
    lines = lines.filter { line in line.row.key.map { keys.insert($0).inserted } ?? true }
    var filler = try CollectionFiller(
      store: database.store, schema: database.collection, replaces: true, embed: database.model.embedder.textVectors)
    try filler.add(lines)
    try filler.finish()
  }
}

/// A chunk of `/v1/vector-io/insert`.
struct StackChunk: Sendable {
  let text: String
  /// What its metadata calls the document.
  let document: String
  let metadata: JSONValue
  let embedding: [Float]?

  init(_ value: JSONValue, at place: String) throws(APIError) {
    guard value.object != nil else { throw .malformed("a chunk should be an object, not \(value.kind)", place) }
    text = try InterleavedContent.text(value["content"], at: "\(place).content")
    let metadata = value["metadata"].flatMap { $0.isNull ? nil : $0 } ?? .fields([:])
    guard metadata.object != nil else { throw .malformed("\(place).metadata should be an object", "\(place).metadata") }
    self.metadata = metadata
    document = metadata["document_id"]?.string ?? "chunk"
    guard let embedding = value["embedding"], !embedding.isNull else {
      self.embedding = nil
      return
    }
    guard let numbers = embedding.array?.all(\.number) else {
      throw .malformed("\(place).embedding should be a list of numbers", "\(place).embedding")
    }
    self.embedding = numbers.map { Float($0) }
  }
}
