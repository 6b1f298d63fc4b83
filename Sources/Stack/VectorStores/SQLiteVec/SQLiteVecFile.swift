internal import SQLite

/// One connection to the file of a store, for one thread at a time.
///
/// Tables: `collections`, a row each; `rows_N` (row number, primary key, fields as JSON) and `vectors_N` (a `vec0` table by the
/// same numbers) for the collection with id N.
final class SQLiteVecFile {
  /// "RVEC" in `PRAGMA application_id`.
  private static var applicationID: Int { 0x5256_4543 }
  private static var version: Int { 1 }
  /// Seconds to wait for another process's write.
  private static var busyTimeout: Double { 10 }

  let path: String
  let database: SQLiteDatabase

  /// - Throws: `VectorStoreError.unusable` for another program's file; `SQLiteError`.
  init(path: String, extension file: String) throws {
    self.path = path
    database = try SQLiteDatabase(path: path, readOnly: false, busyTimeout: Self.busyTimeout)
    try database.load(extension: file)
    if try !isEmpty() { try check() }
    _ = try database.query("PRAGMA journal_mode = WAL") { try $0.text(0) }
    // An acknowledged write is on the disk.
    try database.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -65536")
    if try isEmpty() { try make() }
  }

  /// As a new file is, and one whose maker was killed before it was a store.
  private func isEmpty() throws -> Bool {
    try database.integer("PRAGMA application_id") == 0
      && database.integer("SELECT count(*) FROM sqlite_schema") == 0
  }

  private func make() throws {
    try database.transaction {
      // Another process may have made it meanwhile.
      guard try isEmpty() else { return try check() }
      try database.execute(
        """
        PRAGMA application_id = \(Self.applicationID);
        PRAGMA user_version = \(Self.version);
        CREATE TABLE collections (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          name TEXT NOT NULL UNIQUE,
          schema TEXT NOT NULL,
          next_row INTEGER NOT NULL
        ) STRICT;
        """)
    }
  }

  // MARK: Collections

  func collections() throws -> [SQLiteVecCollection] {
    try database.query("SELECT id, schema FROM collections ORDER BY name") { row in
      let id = try row.integer(0)
      guard let schema = CollectionSchema(json: try row.text(1)) else {
        throw SQLiteError.corrupt(path: path, reason: "the schema of collection \(id) makes no sense")
      }
      return SQLiteVecCollection(id: id, schema: schema)
    }
  }

  func create(_ schema: CollectionSchema) throws {
    try database.transaction {
      guard try database.integer("SELECT count(*) FROM collections WHERE name = ?", [.text(schema.name)]) == 0 else {
        throw VectorStoreError.collectionExists(schema.name)
      }
      try database.run(
        "INSERT INTO collections (name, schema, next_row) VALUES (?, ?, 1)", [.text(schema.name), .text(schema.json)])
      let id = database.lastInsertedRow
      let type = schema.keyType == .integer ? "INTEGER" : "TEXT"
      let metric = schema.metric == .cosine ? "cosine" : "L2"
      try database.execute(
        """
        CREATE TABLE rows_\(id) (row INTEGER PRIMARY KEY, key \(type) NOT NULL UNIQUE, fields TEXT NOT NULL) STRICT;
        CREATE VIRTUAL TABLE vectors_\(id) USING vec0(vector float[\(schema.dimension)] distance_metric=\(metric));
        """)
    }
  }

  func drop(_ id: Int) throws {
    try database.transaction {
      try database.run("DELETE FROM collections WHERE id = ?", [.integer(id)])
      try database.execute("DROP TABLE rows_\(id); DROP TABLE vectors_\(id)")
    }
  }

  func count(_ id: Int) throws -> Int { try database.integer("SELECT count(*) FROM rows_\(id)") }

  /// Bytes of the pages that hold a collection: its rows, and the tables in which `vec0` keeps vectors in chunks.
  func bytes(of id: Int) throws -> Int {
    try database.integer(
      """
      SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE aggregate = TRUE AND (name = 'rows_\(id)'
        OR name GLOB 'vectors_\(id)_*' OR name GLOB 'sqlite_autoindex_vectors_\(id)_*'
        OR name = 'sqlite_autoindex_rows_\(id)_1')
      """)
  }

  /// Takes the log over into the file as far as readers let it.
  func checkpoint() throws { _ = try database.query("PRAGMA wal_checkpoint(PASSIVE)") { try $0.integer(0) } }

  private func check() throws {
    try database.check(application: Self.applicationID, version: Self.version, path: path)
  }
}
