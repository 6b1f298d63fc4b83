import SQLite
import VectorIndexes

/// A collection as the file has it.
struct StoredCollection {
  var id: Int
  var schema: CollectionSchema
  var nextRow: Int64
  var saved: SavedIndex
}

/// Which index file a collection has, and what is in it.
struct SavedIndex: Equatable {
  /// Counts the files there were; 0 where there is none.
  var generation = 0
  /// The file's prologue, which sums up all of it.
  var seal: [UInt8] = []
  /// Rows up to this number are in it, but for those in `removed`.
  var indexedThrough: Int64 = 0
  /// Rows that its centroids were learnt from; 0 where it learns none.
  var trainedRows = 0
}

extension StoreFile {
  func collections() throws -> [StoredCollection] {
    try database.query(
      """
      SELECT id, name, dimension, metric, key_type, auto_id, index_specification, properties, next_row,
        index_generation, index_seal, indexed_through, trained_rows FROM collections ORDER BY name
      """
    ) { row in
      guard let metric = StoreMetric(rawValue: try row.text(3)),
        let keyType = CollectionSchema.KeyType(rawValue: try row.text(4)),
        let specification = try? FieldValue(json: row.text(6)), case .object(let index) = specification,
        let kind = index["kind"]?.text, let parameters = index["parameters"]?.texts,
        let properties = try? FieldValue(json: row.text(7)).texts
      else { throw SQLiteError.corrupt(path: path, reason: "collection \(try row.integer(0)) makes no sense") }
      return StoredCollection(
        id: try row.integer(0),
        schema: CollectionSchema(
          name: try row.text(1), dimension: try row.integer(2), metric: metric, keyType: keyType,
          autoID: try row.integer(5) == 1, index: IndexSpecification(kind: kind, parameters: parameters),
          properties: properties),
        nextRow: Int64(try row.integer(8)),
        saved: SavedIndex(
          generation: try row.integer(9), seal: try row.blob(10), indexedThrough: Int64(try row.integer(11)),
          trainedRows: try row.integer(12)))
    }
  }

  func description(of collection: StoredCollection) throws -> CollectionDescription {
    func rows(through last: Int64) throws -> Int {
      try database.integer("SELECT count(*) FROM rows_\(collection.id) WHERE row <= ?", [.integer(Int(last))])
    }
    return CollectionDescription(
      schema: collection.schema, rows: try rows(through: .max),
      indexedRows: try rows(through: collection.saved.indexedThrough))
  }

  func create(_ schema: CollectionSchema) throws {
    let index = FieldValue.object([
      "kind": .string(schema.index.kind), "parameters": FieldValue(texts: schema.index.parameters),
    ])
    try database.transaction {
      try database.run(
        """
        INSERT INTO collections (name, dimension, metric, key_type, auto_id, index_specification, properties, next_row,
          index_generation, index_seal, indexed_through, trained_rows) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0, x'', 0, 0)
        """,
        [
          .text(schema.name), .integer(schema.dimension), .text(schema.metric.rawValue), .text(schema.keyType.rawValue),
          .integer(schema.autoID ? 1 : 0), .text(index.json), .text(FieldValue(texts: schema.properties).json),
        ])
      let id = database.lastInsertedRow
      let type = schema.keyType == .integer ? "INTEGER" : "TEXT"
      try database.execute(
        """
        CREATE TABLE rows_\(id) (row INTEGER PRIMARY KEY, key \(type) NOT NULL UNIQUE, fields TEXT NOT NULL) STRICT;
        CREATE TABLE vectors_\(id) (row INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT;
        """)
    }
  }

  func drop(_ id: Int) throws {
    try database.transaction {
      try database.run("DELETE FROM collections WHERE id = ?", [.integer(id)])
      try database.run("DELETE FROM removed WHERE collection = ?", [.integer(id)])
      try database.execute("DROP TABLE rows_\(id); DROP TABLE vectors_\(id)")
    }
  }

  /// Another index file is the collection's from now on; it holds every row but those removed after.
  func adopt(_ saved: SavedIndex, of id: Int) throws {
    try database.transaction {
      try database.run(
        """
        UPDATE collections SET index_generation = ?, index_seal = ?, indexed_through = ?, trained_rows = ? WHERE id = ?
        """,
        [
          .integer(saved.generation), .blob(saved.seal), .integer(Int(saved.indexedThrough)),
          .integer(saved.trainedRows), .integer(id),
        ])
      try database.run("DELETE FROM removed WHERE collection = ?", [.integer(id)])
    }
  }

  /// Bytes of the pages that hold a collection.
  func bytes(of id: Int) throws -> Int {
    // The name of a table, or of the index that its unique key makes.
    try database.integer(
      "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE aggregate = TRUE AND name IN (?, ?, ?)",
      ["rows_\(id)", "vectors_\(id)", "sqlite_autoindex_rows_\(id)_1"].map { .text($0) })
  }
}

extension FieldValue {
  fileprivate init(texts: [String: String]) { self = .object(texts.mapValues { .string($0) }) }

  fileprivate var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// An object of strings.
  fileprivate var texts: [String: String]? {
    guard case .object(let fields) = self else { return nil }
    let texts = fields.compactMapValues(\.text)
    return texts.count == fields.count ? texts : nil
  }
}
