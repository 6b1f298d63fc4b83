internal import Embedders
internal import JSON
internal import MicroHTTP
internal import VectorStores

/// What stores and embedders do, on queues of their own.
extension LlamaStackService {
  func work(_ request: ServedRequest, _ match: StackRoute.Match) throws -> JSONValue {
    if match.route == .unregisterDatabase {
      try databases.unregister(match["vector_db_id"])
      return .null
    }
    let body = try body(request)
    switch match.route {
    case .registerDatabase: return try register(body)
    case .insertDocuments:
      let database = try databases.named(try Self.required(body, "vector_db_id"))
      var documents: [StackDocument] = []
      for (index, value) in try Self.list(body, "documents").enumerated() {
        documents.append(try StackDocument(value, at: "documents.\(index)"))
      }
      let size = try body.integer("chunk_size_in_tokens") ?? DocumentIntake.standardChunkSize
      try intake.insert(documents, chunkSize: size, into: database)
      return .null
    case .insertChunks:
      let database = try databases.named(try Self.required(body, "vector_db_id"))
      var chunks: [StackChunk] = []
      for (index, value) in try Self.list(body, "chunks").enumerated() {
        chunks.append(try StackChunk(value, at: "chunks.\(index)"))
      }
      try intake.insert(chunks, into: database)
      return .null
    case .queryChunks: return try queryChunks(body)
    case .queryDocuments:
      let question = try InterleavedContent.text(body["content"], at: "content")
      let query = try KnowledgeQuery(body["query_config"], at: "query_config")
      return try search(question, try Self.names(body["vector_db_ids"], "vector_db_ids"), query).queryResult
    case .invokeTool: return try invoke(body)
    default: return try embed(body)
    }
  }

  private func register(_ body: RequestBody) throws -> JSONValue {
    try databases.register(
      id: try Self.required(body, "vector_db_id"), model: try Self.required(body, "embedding_model"),
      dimension: try body.integer("embedding_dimension"), provider: try body.string("provider_id")
    ).json(withOwner: true)
  }

  /// A search of several databases.
  func search(_ question: String, _ names: [String], _ query: KnowledgeQuery) throws -> KnowledgeResult {
    let chunks = try knowledge(names, query).chunks(question)
    return KnowledgeResult(chunks, question: question, query: query)
  }

  func knowledge(_ names: [String], _ query: KnowledgeQuery) throws(APIError) -> KnowledgeSearch {
    guard !names.isEmpty else {
      throw .badRequest(
        "\(BuiltinTools.search) has no vector database to search; give it vector_db_ids.", "vector_db_ids")
    }
    var found: [VectorDatabase] = []
    for name in names where !found.contains(where: { $0.id == name }) { found.append(try databases.named(name)) }
    return KnowledgeSearch(found, query: query) { [clock] in clock.nanoseconds }
  }

  private func queryChunks(_ body: RequestBody) throws -> JSONValue {
    let name = try Self.required(body, "vector_db_id")
    let question = try InterleavedContent.text(body["query"], at: "query")
    let parameters = body["params"]
    if let parameters, parameters.object == nil { throw APIError.malformed("params should be an object", "params") }
    var query = KnowledgeQuery()
    query.maxChunks = try KnowledgeQuery.count(parameters?["max_chunks"], "params.max_chunks") ?? 3
    if let mode = parameters?["mode"], !mode.isNull, mode.string != "vector" {
      throw APIError.badRequest("The only mode of search here is `vector`, not \(mode.kind).", "params.mode")
    }
    let threshold = parameters?["score_threshold"]?.number ?? -.infinity
    let chunks = try knowledge([name], query).chunks(question).filter { Double($0.score) >= threshold }
    return .fields([
      "chunks": .array(
        chunks.map {
          .fields(["content": .string($0.text), "metadata": $0.metadata, "embedding": .null])
        }),
      "scores": .array(chunks.map { .number(Double($0.score)) }),
    ])
  }

  private func invoke(_ body: RequestBody) throws -> JSONValue {
    let tool = try Self.required(body, "tool_name")
    let arguments = body["kwargs"] ?? .fields([:])
    guard arguments.object != nil else { throw APIError.malformed("kwargs should be an object", "kwargs") }
    guard tool == BuiltinTools.search else {
      throw APIError.badRequest("The tool that is called here is `\(BuiltinTools.search)`, not `\(tool)`.", "tool_name")
    }
    guard let question = arguments["query"]?.string else {
      throw APIError.malformed("kwargs.query should be a text", "kwargs.query")
    }
    let query = try KnowledgeQuery(arguments["query_config"], at: "kwargs.query_config")
    return try search(question, try Self.names(arguments["vector_db_ids"], "kwargs.vector_db_ids"), query).invocation
  }

  private func embed(_ body: RequestBody) throws -> JSONValue {
    let model = try databases.model(try Self.required(body, "model_id"))
    var texts: [String] = []
    for (index, value) in try Self.list(body, "contents").enumerated() {
      texts.append(try InterleavedContent.text(value, at: "contents.\(index)"))
    }
    if let dimension = try body.integer("output_dimension"), dimension != model.embedder.dimension {
      throw APIError.badRequest(
        "output_dimension is \(dimension), and '\(model.id)' makes vectors of \(model.embedder.dimension).")
    }
    let role: EmbeddingRole = try body.string("task_type") == "query" ? .query : .document
    let batch = try model.embedder.embed(texts, as: role)
    return .fields([
      "embeddings": .array((0..<batch.count).map { .array(batch[$0].map { .number(Double($0)) }) })
    ])
  }

  // MARK: -

  static func required(_ body: RequestBody, _ name: String) throws(APIError) -> String {
    guard let text = try body.string(name) else { throw .malformed("\(name) is missing", "body.\(name)") }
    return text
  }

  private static func list(_ body: RequestBody, _ name: String) throws(APIError) -> [JSONValue] {
    guard let list = body[name]?.array else {
      throw .malformed("\(name) should be a list, not \(body[name]?.kind ?? "absent")", "body.\(name)")
    }
    return list
  }

  private static func names(_ value: JSONValue?, _ place: String) throws(APIError) -> [String] {
    guard let value, !value.isNull else { return [] }
    return try AgentKnowledge.names(value, at: place)
  }
}
