internal import PostgreSQL
internal import Synchronization
internal import VectorIndexes

/// Collections in a PostgreSQL database with the extension pgvector, in a schema of their own, `ragmeter`.
///
/// **Writes** are transactions. **Searches** see every acknowledged row, whatever consistency they ask for. Threads have a
/// connection each. `optimize` builds the index that the schema names, once there are rows; until then searches are exact.
/// pgvector keeps the index up to date itself; an `ivf` one is built anew when the rows have doubled.
///
/// A search under a filter takes what an approximate index finds, and leaves out what does not match: it may answer fewer hits
/// than there are. pgvector indexes 2,000 dimensions at most, and an `hnsw` search answers 1,000 hits at most.
public final class PGVectorStore: VectorStore {
  public let name = "pgvector"
  static var storeName: String { "pgvector" }

  private let pool: ConnectionPool<PGVectorDatabase>
  /// Those that were used, by name.
  private let known = Mutex<[String: PGVectorCollection]>([:])

  /// - Parameters:
  ///   - url: as libpq reads it.
  ///   - password: nil to leave it to libpq.
  /// - Throws: `VectorStoreError.remote` for a server that cannot be reached, or has no pgvector.
  public init(url: String, password: String?) throws {
    let parameters = try PGVectorDatabase.parameters(of: url, password: password)
    pool = try Self.refusing {
      try ConnectionPool(
        closed: .remote(name: Self.storeName, reason: "the store was closed; open it again"), isSound: { $0.isSound }
      ) { try PGVectorDatabase(url: url, parameters: parameters) }
    }
  }

  public func create(_ collection: CollectionSchema) throws {
    try collection.check()
    let index = try PGVectorIndex(collection)
    try use { try $0.create(collection, index) }
  }

  public func drop(collection name: String) throws {
    let dropped = try collection(name)
    try use { try $0.drop(dropped) }
    known.withLock { $0[name] = nil }
  }

  public func collections() throws -> [CollectionDescription] {
    try use { database in
      try database.collections().compactMap { collection in
        do {
          let rows = try database.count(collection)
          let isIndexed = try collection.index.isExact || database.isIndexed(collection)
          return CollectionDescription(schema: collection.schema, rows: rows, indexedRows: isIndexed ? rows : 0)
        } catch let error as PostgreSQLError where error.state == PostgreSQLError.undefinedTable {
          // Another client has dropped it since it was listed.
          return nil
        }
      }
    }
  }

  public func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try write(rows, to: collection, replaces: false)
  }

  public func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try write(rows, to: collection, replaces: true)
  }

  private func write(_ rows: [StoreRow], to name: String, replaces: Bool) throws -> WriteResult {
    let collection = try collection(name)
    guard !rows.isEmpty else { return WriteResult(keys: []) }
    if replaces { try collection.schema.checkReplacing() }
    let vectors = try collection.schema.vectors(of: rows)
    for (index, row) in rows.enumerated() where row.holdsZero {
      throw VectorStoreError.invalidRow(row: index, reason: "holds U+0000, which PostgreSQL cannot hold; take it out")
    }
    try collection.schema.checkKeys(of: rows, replaces: replaces)
    return try use(name) { try $0.insert(rows, vectors: vectors, into: collection, replaces: replaces) }
  }

  public func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    let found = try self.collection(collection)
    let keys = keys.filter { found.schema.admits($0) && !$0.holdsZero }
    return try use(collection) { try $0.delete(keys, from: found) }
  }

  public func delete(matching filter: String, from collection: String) throws -> Int {
    let found = try self.collection(collection)
    let condition = try found.condition(filter)
    return try use(collection) { try $0.delete(matching: condition, from: found) }
  }

  public func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] {
    try request.check()
    let found = try self.collection(collection)
    let condition = try request.filter.map { try found.condition($0) }
    return try use(collection) { try $0.query(request, matching: condition, in: found) }
  }

  public func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    let found = try self.collection(collection)
    let queries = try request.checkVectors(found.schema)
    let settings = try found.index.settings(for: request)
    let condition = try request.filter.map { try found.condition($0, firstValue: 2) }
    let dimension = found.schema.dimension
    return try use(collection) { database in
      for (name, value) in settings { try database.connection.set(name, value) }
      return try (0..<queries).map { query in
        try database.nearest(
          to: request.vectors[query * dimension..<(query + 1) * dimension], request, matching: condition, in: found)
      }
    }
  }

  public func optimize(collection name: String) throws {
    let found = try collection(name)
    try use(name) { try $0.optimize(found) }
  }

  public func diskBytes(of collection: String) throws -> Int? {
    let found = try self.collection(collection)
    return try use(collection) { try $0.bytes(of: found) }
  }

  public func close() throws {
    known.withLock { $0.removeAll() }
    pool.close()
  }

  private func collection(_ name: String) throws -> PGVectorCollection {
    if let found = known.withLock({ $0[name] }) { return found }
    let stored = try use { try $0.collections() }
    guard let found = stored.first(where: { $0.schema.name == name }) else {
      throw VectorStoreError.noSuchCollection(name, known: stored.map(\.schema.name))
    }
    known.withLock { $0[name] = found }
    return found
  }

  /// - Parameter name: the collection that is used: another client may have dropped it meanwhile.
  private func use<T>(_ name: String? = nil, _ body: (PGVectorDatabase) throws -> T) throws -> T {
    do {
      return try Self.refusing { try pool.use(body) }
    } catch let error as PGVectorTableGone {
      guard let name else { throw VectorStoreError.remote(name: Self.storeName, reason: error.reason) }
      known.withLock { $0[name] = nil }
      throw VectorStoreError.noSuchCollection(name, known: try use { try $0.collections() }.map(\.schema.name))
    }
  }

  private static func refusing<T>(_ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as PostgreSQLError {
      if error.state == PostgreSQLError.undefinedTable { throw PGVectorTableGone(reason: error.description) }
      throw VectorStoreError.remote(name: storeName, reason: error.description)
    }
  }
}

/// A collection's table is not there any more.
private struct PGVectorTableGone: Error {
  var reason: String
}

/// A collection as the database has it.
struct PGVectorCollection: Sendable {
  var id: Int
  var schema: CollectionSchema
  var index: PGVectorIndex

  var table: String { "ragmeter.rows_\(id)" }
  var keys: String { "ragmeter.keys_\(id)" }
  var indexName: String { "rows_\(id)_vector" }
  var keyType: String { schema.keyType == .integer ? "bigint" : "text" }

  /// - Throws: `invalidFilter`; `unsupported` for one that PostgreSQL's SQL cannot say exactly.
  func condition(_ filter: String, firstValue: Int = 1) throws(VectorStoreError) -> SQLCondition {
    let condition = try SQLFilter.condition(
      Filter(filter), PostgreSQLDialect(name: PGVectorStore.storeName), keyType: schema.keyType, firstValue: firstValue)
    for case .text(let text) in condition.values where text.utf8.contains(0) {
      throw .unsupported(name: PGVectorStore.storeName, reason: "PostgreSQL's texts hold no U+0000")
    }
    return condition
  }
}

extension PrimaryKey {
  /// Whether it is a text with U+0000.
  var holdsZero: Bool {
    guard case .string(let text) = self else { return false }
    return text.utf8.contains(0)
  }
}

extension StoreRow {
  fileprivate var holdsZero: Bool {
    key?.holdsZero ?? false || fields.contains { $0.key.utf8.contains(0) || $0.value.holdsZero }
  }
}

extension FieldValue {
  fileprivate var holdsZero: Bool {
    switch self {
    case .string(let text): text.utf8.contains(0)
    case .array(let values): values.contains { $0.holdsZero }
    case .object(let fields): fields.contains { $0.key.utf8.contains(0) || $0.value.holdsZero }
    case .null, .bool, .integer, .number: false
    }
  }
}
