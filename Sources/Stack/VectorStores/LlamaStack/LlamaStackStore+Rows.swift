internal import Synchronization

/// Writing and finding chunks.
extension LlamaStackStore {
  /// Stores new rows in one request, which the server stores all or nothing. A key that is already in the collection cannot be
  /// found out, and does not refuse the batch.
  ///
  /// - Throws: `invalidRow` for a row without text or key, for a vector of another dimension, and for one that is not of length 1
  ///   where the collection was made with IP; `duplicateKey` within the batch; `noSuchCollection`; `remote`.
  public func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    let dimension = try database(collection).dimension
    let metric = known.withLock { $0[collection]?.metric } ?? .cosine
    guard !rows.isEmpty else { return WriteResult(keys: []) }
    var keys: [PrimaryKey] = []
    var taken: Set<PrimaryKey> = []
    var body = Array(#"{"vector_db_id":"\#(collection)","chunks":["#.utf8)
    for (number, row) in rows.enumerated() {
      if let reason = Self.refusal(of: row, dimension: dimension, metric: metric) {
        throw VectorStoreError.invalidRow(row: number, reason: reason)
      }
      guard let key = row.key else {
        throw VectorStoreError.invalidRow(row: number, reason: "has no key, and the server gives none")
      }
      guard taken.insert(key).inserted else { throw VectorStoreError.duplicateKey(key, row: number) }
      keys.append(key)
      if number > 0 { body.append(UInt8(ascii: ",")) }
      LlamaStackChunk.append(row, key: key, to: &body)
    }
    body += "]}".utf8
    _ = try noSuch(collection) { () throws(VectorStoreError) in try server.post("/v1/vector-io/insert", bytes: body) }
    known.withLock { $0[collection]?.rows += rows.count }
    return WriteResult(keys: keys)
  }

  /// Why a row cannot be a chunk, as the end of a sentence.
  private static func refusal(of row: StoreRow, dimension: Int, metric: StoreMetric) -> String? {
    guard case .string(let text) = row.fields["text"] else {
      return "has no field 'text', which is what Llama Stack keeps and answers"
    }
    for name in [LlamaStackChunk.key, LlamaStackChunk.document] where row.fields[name] != nil {
      return "has a field '\(name)', which is the store's own"
    }
    guard !row.vector.isEmpty else {
      return text.allSatisfy(\.isWhitespace) ? "has neither a vector nor a text to make one of" : nil
    }
    guard row.vector.count == dimension else {
      return "has a vector of dimension \(row.vector.count), and the collection \(dimension)"
    }
    guard row.vector.allSatisfy(\.isFinite) else { return "has a vector with numbers that are not finite" }
    let length = row.vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard metric != .ip || abs(length - 1) < 1e-2 else {
      return "has a vector of length \(length); the server compares by COSINE, which is IP for those of length 1 alone"
    }
    return nil
  }

  /// One request a text. The server finds no chunk that is opposite to the text, whose cosine is -1.
  ///
  /// - Throws: `noSuchCollection`, `remote`; `invalidArgument` for a text that is empty.
  public func search(texts: [String], limit: Int, in collection: String) throws -> [[SearchHit]] {
    _ = try database(collection)
    guard limit > 0 else { throw VectorStoreError.invalidArgument("limit is \(limit); ask for one hit at least") }
    // It answers 500 of a database that nothing was put into, for the provider has made nothing yet.
    let isEmpty = known.withLock { $0[collection].map { $0.isOurs && $0.rows == 0 } } ?? false
    return try texts.enumerated().map { number, text in
      guard !text.allSatisfy(\.isWhitespace) else {
        throw VectorStoreError.invalidArgument("text \(number) is empty; say what to search for")
      }
      if isEmpty { return [] }
      // Without a threshold it keeps back what has a negative cosine, and answers fewer than there are.
      let request: FieldValue = .object([
        "vector_db_id": .string(collection), "query": .string(text),
        "params": .object(["max_chunks": .integer(Int64(limit)), "score_threshold": .number(-1)]),
      ])
      let answer = try noSuch(collection) { () throws(VectorStoreError) in
        try server.post("/v1/vector-io/query", request)
      }
      guard let chunks = answer["chunks"]?.array, let scores = answer["scores"]?.array, chunks.count == scores.count
      else {
        throw VectorStoreError.remote(
          name: name,
          reason: "POST /v1/vector-io/query answered without as many 'scores' as 'chunks': \(answer.json.prefix(200))")
      }
      return zip(chunks, scores).prefix(limit).map { LlamaStackChunk.hit($0, score: $1.number ?? .nan) }
    }
  }

  public func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    throw unsupported("embeds questions itself and takes no vectors to search with; search by text")
  }

  public func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    throw unsupported("cannot replace chunks; insert under new keys, or drop the collection and fill it again")
  }

  public func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    throw unsupported("cannot delete chunks; drop the collection and fill it again")
  }

  public func delete(matching filter: String, from collection: String) throws -> Int {
    throw unsupported("cannot delete chunks; drop the collection and fill it again")
  }

  public func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] {
    throw unsupported("cannot read chunks by filter; search them by text")
  }
}
