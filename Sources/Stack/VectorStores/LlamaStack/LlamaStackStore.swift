internal import Synchronization
internal import VectorIndexes

/// Collections of a Llama Stack server, releases 0.2: vector databases, which embed questions themselves.
///
/// A row's field `text` becomes the content of a chunk; its other fields and its key go along as metadata. Rows may come with
/// vectors of the server's embedder, or without any, and are then embedded there. The API has no way to search by vector, to read
/// rows by filter, to replace or to delete them, nor does it count them: `collections()` tells what this value has stored.
public final class LlamaStackStore: TextSearchStore {
  /// A vector database that this value has used.
  struct Known {
    var database: LlamaStackServer.VectorDatabase
    var metric = StoreMetric.cosine
    var index = IndexSpecification(kind: LlamaStackStore.serversChoice)
    var rows = 0
    /// Made here, so that it is known to be empty while `rows` is 0.
    var isOurs = false
  }

  /// The kind of an index that the server chooses.
  public static let serversChoice = "auto"

  public let name = "llama-stack"
  public let server: LlamaStackServer
  private let provider: String?
  private let embedder: String?
  let known = Mutex<[String: Known]>([:])

  /// - Parameters:
  ///   - provider: keeps new collections; nil: the server's first.
  ///   - embedder: the server's name for what makes vectors; nil: the only one that it has.
  /// - Throws: `VectorStoreError.remote` if the server cannot be reached, or is none.
  public init(server: LlamaStackServer, provider: String? = nil, embedder: String? = nil) throws {
    self.server = server
    self.provider = provider
    self.embedder = embedder
    _ = try server.vectorDatabases()
  }

  static func open(
    _ specification: StoreSpecification, _ environment: [String: String], _ notice: @escaping @Sendable (String) -> Void
  ) throws -> any VectorStore {
    try specification.check(known: ["url", "provider", "embedder"])
    return try LlamaStackStore(
      server: LlamaStackServer(url: specification.parameters["url"], environment: environment),
      provider: specification.parameters["provider"], embedder: specification.parameters["embedder"])
  }

  /// What makes vectors of new collections.
  ///
  /// - Throws: `VectorStoreError` where the server has no such model, or several and none was named.
  public func serversEmbedder() throws -> LlamaStackServer.Model { try server.model(.embedding, named: embedder) }

  // MARK: - Collections

  /// Makes a vector database, whose dimension must be that of the server's embedder.
  ///
  /// - Throws: `unsupported` for a metric or an index that is not the server's choice, and for keys that the store would give.
  public func create(_ schema: CollectionSchema) throws {
    try check(name: schema.name)
    guard !schema.autoID else { throw unsupported("gives rows no keys; let them come with keys of their own") }
    guard schema.metric != .l2 else {
      throw unsupported("compares by COSINE, which is IP for vectors of length 1; create the collection with COSINE")
    }
    try check(schema.index)
    // Registering a name again is no error there, and gives the database another embedder.
    if try server.vectorDatabases().contains(where: { $0.name == schema.name }) {
      throw VectorStoreError.collectionExists(schema.name)
    }
    let model = try serversEmbedder()
    guard model.dimension == nil || model.dimension == schema.dimension else {
      throw VectorStoreError.invalidArgument(
        "collection '\(schema.name)' would have dimension \(schema.dimension), and the server's embedder '\(model.name)' "
          + "makes vectors of \(model.dimension!); it embeds the questions, so use the same")
    }
    var request: [String: FieldValue] = [
      "vector_db_id": .string(schema.name), "embedding_model": .string(model.name),
      "embedding_dimension": .integer(Int64(schema.dimension)),
    ]
    if let provider { request["provider_id"] = .string(provider) }
    let answer = try server.post("/v1/vector-dbs", .object(request))
    guard let database = LlamaStackServer.VectorDatabase(answer), database.name == schema.name else {
      throw VectorStoreError.remote(
        name: name,
        reason: "'\(schema.name)' was registered, and the answer does not describe it: \(answer.json.prefix(200))")
    }
    guard database.embedder == model.name, database.dimension == schema.dimension else {
      try server.delete(path(of: schema.name))
      throw VectorStoreError.remote(
        name: name,
        reason:
          "'\(schema.name)' came out with embedder '\(database.embedder)' of dimension \(database.dimension) instead of "
          + "'\(model.name)' of \(schema.dimension), and was removed; ask for what the server has")
    }
    known.withLock {
      $0[schema.name] = Known(database: database, metric: schema.metric, index: schema.index, isOurs: true)
    }
  }

  public func drop(collection: String) throws {
    try check(name: collection)
    try noSuch(collection) { () throws(VectorStoreError) in try server.delete(path(of: collection)) }
    known.withLock { $0[collection] = nil }
  }

  public func collections() throws -> [CollectionDescription] {
    let databases = try server.vectorDatabases()
    return known.withLock { known in
      databases.map { database in
        let entry = known[database.name] ?? Known(database: database)
        let schema = CollectionSchema(
          name: database.name, dimension: database.dimension, metric: entry.metric, keyType: .string,
          index: entry.index,
          properties: ["server_embedder": database.embedder, "provider": database.provider])
        return CollectionDescription(schema: schema, rows: entry.rows, indexedRows: entry.rows)
      }
    }
  }

  /// Providers that search all rows: their indexes are exact, by whatever name. Milvus Lite's `AUTOINDEX` is flat.
  private static let exactProviders: Set<String> = [
    "inline::milvus", "inline::faiss", "inline::sqlite-vec", "inline::sqlite_vec", "remote::pgvector",
  ]

  private func check(_ index: IndexSpecification) throws {
    guard index != IndexSpecification(kind: Self.serversChoice) else { return }
    guard index == IndexSpecification(kind: "flat") else {
      throw unsupported(
        "chooses indexes itself and takes no \(index.kind); say '\(Self.serversChoice)', or flat where its provider is exact"
      )
    }
    let entries = try server.get("/v1/providers")["data"]?.array ?? []
    let used = entries.first { entry in
      entry["api"]?.string == "vector_io" && (provider == nil || entry["provider_id"]?.string == provider)
    }
    let type = used?["provider_type"]?.string ?? "that it does not tell"
    guard Self.exactProviders.contains(type) else {
      throw unsupported("keeps vectors by provider \(type), which may build any index; say '\(Self.serversChoice)'")
    }
  }

  // MARK: - Of no use here

  /// Nothing is left to do: rows are searchable when their insertion is acknowledged.
  public func optimize(collection: String) throws { _ = try database(collection) }

  public func diskBytes(of collection: String) throws -> Int? { nil }

  public func close() throws {}

  // MARK: - Finding databases

  /// - Throws: `noSuchCollection`; `invalidArgument` for one with another embedder than the store was opened with.
  func database(_ collection: String) throws -> LlamaStackServer.VectorDatabase {
    if let database = known.withLock({ $0[collection]?.database }) { return database }
    try check(name: collection)
    let all = try server.vectorDatabases()
    guard let database = all.first(where: { $0.name == collection }) else {
      throw VectorStoreError.noSuchCollection(collection, known: all.map(\.name))
    }
    guard embedder == nil || embedder == database.embedder else {
      throw VectorStoreError.invalidArgument(
        "vector database '\(collection)' embeds by '\(database.embedder)', not by '\(embedder!)'; open the store with that, "
          + "or choose another collection")
    }
    known.withLock { $0[collection] = $0[collection] ?? Known(database: database) }
    return database
  }

  /// Runs a call, and says `noSuchCollection` where the server says so in its own words.
  func noSuch<Value>(_ collection: String, _ call: () throws(VectorStoreError) -> Value) throws -> Value {
    do throws(VectorStoreError) {
      return try call()
    } catch {
      guard LlamaStackAnswer.deniesDatabase(error) else { throw error }
      known.withLock { $0[collection] = nil }
      throw VectorStoreError.noSuchCollection(collection, known: try server.vectorDatabases().map(\.name))
    }
  }

  /// Names stand in paths. Those that others gave may hold hyphens.
  private func check(name: String) throws(VectorStoreError) {
    let isName = name.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isName, name.contains(where: { $0 != "." }), name.utf8.count <= 255 else {
      throw .invalidArgument(
        "a vector database cannot be called '\(name.prefix(40))'; names are 1 to 255 letters, digits, underscores, hyphens "
          + "and periods")
    }
  }

  private func path(of collection: String) -> String { "/v1/vector-dbs/\(collection)" }

  func unsupported(_ reason: String) -> VectorStoreError { .unsupported(name: name, reason: "the server \(reason)") }
}
