internal import PostgreSQL
internal import VectorIndexes

/// One connection to the database of a store, for one thread at a time.
///
/// All is in the schema `ragmeter`: `collections`, a row each; for the collection with id N the table `rows_N` (key, vector,
/// fields as json, which keeps numbers as they were written), its index `rows_N_vector`, and the sequence `keys_N` where the
/// store gives keys.
final class PGVectorDatabase {
  let connection: PostgreSQLConnection

  /// Of the lock that those hold who make the schema: "RAGV".
  private static var lock: Int { 0x5241_4756 }

  var isSound: Bool { connection.isSound }

  /// - Throws: `VectorStoreError.remote` for a server without pgvector; `PostgreSQLError`.
  init(url: String, parameters: [String: String]) throws {
    do {
      connection = try PostgreSQLConnection(url: url, parameters: parameters)
    } catch {
      throw VectorStoreError.remote(
        name: PGVectorStore.storeName,
        reason: "\(error); 'scripts/systems up pgvector' starts a server on this machine, or name one by url=…")
    }
    let encoding = try connection.query("SHOW server_encoding") { $0.text(0) }.first ?? ""
    guard encoding == "UTF8" else {
      throw VectorStoreError.remote(
        name: PGVectorStore.storeName, reason: "the database's encoding is \(encoding); name one in UTF8")
    }
    if try !exists("SELECT 1 FROM pg_extension WHERE extname = 'vector'") { try makeExtension() }
  }

  private func exists(_ sql: String) throws -> Bool { try !connection.query(sql) { _ in }.isEmpty }

  private func makeExtension() throws {
    do {
      try alone { try connection.execute("CREATE EXTENSION IF NOT EXISTS vector") }
    } catch let error as PostgreSQLError {
      throw VectorStoreError.remote(
        name: PGVectorStore.storeName,
        reason: "the database has no extension pgvector, and it cannot be made: \(error); ask who keeps the server")
    }
  }

  /// A transaction that no other ragmeter's making of schemas overlaps: `IF NOT EXISTS` alone is no lock.
  private func alone<T>(_ body: () throws -> T) throws -> T {
    try connection.transaction {
      _ = try connection.query("SELECT pg_advisory_xact_lock($1::bigint)::text", [.integer(Self.lock)]) { _ in }
      return try body()
    }
  }

  // MARK: Collections

  func collections() throws -> [PGVectorCollection] {
    guard try exists("SELECT 1 FROM pg_tables WHERE schemaname = 'ragmeter' AND tablename = 'collections'") else {
      return []
    }
    return try connection.query("SELECT id, schema FROM ragmeter.collections ORDER BY name") { row in
      let id = Int(try row.integer(0))
      guard let schema = CollectionSchema(json: row.text(1)) else {
        throw VectorStoreError.remote(
          name: PGVectorStore.storeName, reason: "the schema in ragmeter.collections of id \(id) makes no sense")
      }
      return PGVectorCollection(id: id, schema: schema, index: try PGVectorIndex(schema))
    }
  }

  func create(_ schema: CollectionSchema, _ index: PGVectorIndex) throws {
    try alone {
      try connection.execute(
        """
        CREATE SCHEMA IF NOT EXISTS ragmeter;
        CREATE TABLE IF NOT EXISTS ragmeter.collections (
          id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          name text COLLATE "C" NOT NULL UNIQUE,
          schema text NOT NULL,
          indexed_rows bigint NOT NULL DEFAULT 0
        )
        """)
      let id = try connection.integer(
        "INSERT INTO ragmeter.collections (name, schema) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING id",
        [.text(schema.name), .text(schema.json)])
      guard let id else { throw VectorStoreError.collectionExists(schema.name) }
      let made = PGVectorCollection(id: Int(id), schema: schema, index: index)
      let key = schema.keyType == .integer ? "bigint" : "text COLLATE \"C\""
      try connection.execute(
        """
        CREATE TABLE \(made.table) (
          key \(key) PRIMARY KEY,
          vector vector(\(schema.dimension)) NOT NULL,
          fields json NOT NULL
        )
        """)
      if schema.autoID { try connection.execute("CREATE SEQUENCE \(made.keys) OWNED BY \(made.table).key") }
    }
  }

  func drop(_ collection: PGVectorCollection) throws {
    try alone {
      try connection.run("DELETE FROM ragmeter.collections WHERE id = $1::integer", [.integer(collection.id)])
      try connection.execute("DROP TABLE IF EXISTS \(collection.table)")
    }
  }

  func count(_ collection: PGVectorCollection) throws -> Int {
    Int(try connection.integer("SELECT count(*) FROM \(collection.table)") ?? 0)
  }

  func bytes(of collection: PGVectorCollection) throws -> Int {
    Int(try connection.integer("SELECT pg_total_relation_size('\(collection.table)')") ?? 0)
  }

  func isIndexed(_ collection: PGVectorCollection) throws -> Bool {
    try exists("SELECT 1 FROM pg_indexes WHERE schemaname = 'ragmeter' AND indexname = '\(collection.indexName)'")
  }

  /// Builds the index, or anew where lists were learnt from less than half of the rows; takes what is deleted out of it, and
  /// tells the planner what there is.
  func optimize(_ collection: PGVectorCollection) throws {
    let rows = try count(collection)
    if let definition = collection.index.definition, rows > 0 {
      try connection.set("max_parallel_maintenance_workers", "\(collection.index.threads - 1)")
      let isIndexed = try isIndexed(collection)
      let learnt = try connection.integer(
        "SELECT indexed_rows FROM ragmeter.collections WHERE id = $1::integer", [.integer(collection.id)])
      if !isIndexed || (collection.index.learns && rows > 2 * Int(learnt ?? 0)) {
        try connection.transaction {
          try connection.execute(
            """
            DROP INDEX IF EXISTS ragmeter.\(collection.indexName);
            CREATE INDEX \(collection.indexName) ON \(collection.table) \(definition)
            """)
          try connection.run(
            "UPDATE ragmeter.collections SET indexed_rows = $1::bigint WHERE id = $2::integer",
            [.integer(rows), .integer(collection.id)])
        }
      }
    }
    try connection.execute("VACUUM (ANALYZE) \(collection.table)")
  }
}
