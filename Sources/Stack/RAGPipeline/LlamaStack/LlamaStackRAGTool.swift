public import Documents
public import VectorStores

/// The tool of a Llama Stack server that cuts documents into chunks, embeds them, keeps them and finds them again.
///
/// It chunks by tokens of Llama 3, a quarter of each chunk standing in the next one too, and tells of what it finds the document's
/// id, the text and the score: a passage's source is the id.
public struct LlamaStackRAGTool: Retriever {
  private let server: LlamaStackServer
  private let databases: [String]
  private let now: @Sendable () -> UInt64

  /// - Parameters:
  ///   - databases: that are searched together.
  ///   - now: nanoseconds of a clock that never goes back: the pipeline's.
  public init(server: LlamaStackServer, databases: [String], now: @escaping @Sendable () -> UInt64) {
    self.server = server
    self.databases = databases
    self.now = now
  }

  /// Stores documents by their text; returns when they can be found.
  ///
  /// - Parameter chunkTokens: of a chunk, Llama 3's.
  /// - Throws: `VectorStoreError.remote`, also for a database that the server does not have.
  public func insert(_ documents: [Document], into database: String, chunkTokens: Int) throws {
    let written = documents.map { document -> FieldValue in
      var metadata: [String: FieldValue] = ["source": .string(document.source)]
      if let title = document.title { metadata["title"] = .string(title) }
      // As an item: a bare text that begins with http:// or file:// would be fetched instead.
      return Self.document(
        document.id, content: .object(["type": .string("text"), "text": .string(document.text)]), metadata)
    }
    try insert(written, into: database, chunkTokens: chunkTokens)
  }

  /// Lets the server fetch the documents, by id. Its releases 0.2 take the page of an error for the document.
  public func insert(urls: [(id: String, url: String)], into database: String, chunkTokens: Int) throws {
    try insert(
      urls.map { Self.document($0.id, content: .string($0.url), [:]) }, into: database, chunkTokens: chunkTokens)
  }

  private static func document(
    _ id: String, content: FieldValue, _ metadata: [String: FieldValue]
  ) -> FieldValue {
    .object([
      "document_id": .string(id), "content": content, "mime_type": .string("text/plain"), "metadata": .object(metadata),
    ])
  }

  private func insert(_ documents: [FieldValue], into database: String, chunkTokens: Int) throws {
    // A quarter of a chunk is laid over the next one, and whoever steps by nothing never ends.
    guard chunkTokens >= 4 else {
      throw VectorStoreError.invalidArgument("chunks of \(chunkTokens) tokens are too short; ask for 4 at least")
    }
    _ = try server.post(
      "/v1/tool-runtime/rag-tool/insert",
      .object([
        "vector_db_id": .string(database), "chunk_size_in_tokens": .integer(Int64(chunkTokens)),
        "documents": .array(documents),
      ]))
  }

  public func retrieve(_ question: String, limit: Int) throws -> Retrieval {
    let start = now()
    let answer = try server.post(
      "/v1/tool-runtime/rag-tool/query",
      .object([
        "vector_db_ids": .array(databases.map { .string($0) }), "content": .string(question),
        "query_config": Self.configuration(limit: limit),
      ]))
    let passages = Self.passages(answer["metadata"])
    return Retrieval(passages: passages, spans: [StageSpan(.search, start: start, end: now())])
  }

  /// Of a search: how many chunks, however long they are together.
  static func configuration(limit: Int) -> FieldValue {
    .object([
      "max_chunks": .integer(Int64(limit)), "max_tokens_in_context": .integer(1 << 20),
      "query_generator_config": .object(["type": .string("default"), "separator": .string(" ")]),
    ])
  }

  /// From `{"document_ids", "chunks", "scores"}`, the best first; none where nothing was found.
  static func passages(_ metadata: FieldValue?) -> [Passage] {
    let ids = metadata?["document_ids"]?.array ?? []
    let chunks = metadata?["chunks"]?.array ?? []
    let scores = metadata?["scores"]?.array ?? []
    return zip(zip(ids, chunks), scores).compactMap { found, score in
      let chunk: FieldValue = .object(["content": found.1, "metadata": .object(["document_id": found.0])])
      return Passage(LlamaStackChunk.hit(chunk, score: score.number ?? .nan))
    }
  }
}
