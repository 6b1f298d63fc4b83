internal import Synchronization
internal import VectorIndexes

/// Collections in one SQLite file whose vectors are in `vec0` tables of the extension sqlite-vec, which scans them all.
///
/// **Writes** are transactions of SQLite: all or nothing, and on the disk when the call returns. **Searches** see every
/// acknowledged row, whatever consistency they ask for: there is no index beside the rows. Threads that read have a connection
/// each; those that write wait for each other, and processes for up to `busyTimeout` seconds.
///
/// `vec0` compares by L2 and COSINE, not by inner product; it takes 8,192 dimensions, and answers 4,096 hits at most. The
/// queries of one search are answered one after another: a scan uses one core.
public final class SQLiteVecStore: VectorStore {
  public let name = "sqlite-vec"
  public let path: String

  private let connections: SQLiteVecConnections
  /// Those that were used, by name.
  private let known = Mutex<[String: SQLiteVecCollection]>([:])

  /// - Parameters:
  ///   - path: the SQLite file, made if it is not there.
  ///   - extension: `vec0.so` of the package sqlite-vec.
  /// - Throws: `VectorStoreError.unusable` for a file that cannot be opened or is another program's, and for an extension
  ///   that cannot be loaded.
  public init(path: String, extension file: String) throws {
    self.path = path
    connections = try SQLiteVecConnections(path: path, extension: file)
  }

  public func create(_ collection: CollectionSchema) throws {
    try collection.check()
    try SQLiteVecCollection.checkSupport(collection)
    try connections.write { try $0.create(collection) }
  }

  public func drop(collection name: String) throws {
    let dropped = try collection(name)
    try connections.write { try $0.drop(dropped.id) }
    known.withLock { $0[name] = nil }
  }

  public func collections() throws -> [CollectionDescription] {
    try connections.read { file in
      try file.collections().map { collection in
        let rows = try file.count(collection.id)
        return CollectionDescription(schema: collection.schema, rows: rows, indexedRows: rows)
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
    try collection.schema.checkKeys(of: rows, replaces: replaces)
    return try connections.write {
      try $0.insert(rows, vectors: vectors, into: collection, replaces: replaces)
    }
  }

  public func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    let collection = try self.collection(collection)
    let keys = keys.filter(collection.schema.admits)
    return try connections.write { try $0.delete(keys, from: collection) }
  }

  public func delete(matching filter: String, from collection: String) throws -> Int {
    let collection = try self.collection(collection)
    let condition = try collection.condition(filter)
    return try connections.write { try $0.delete(matching: condition, from: collection) }
  }

  public func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] {
    try request.check()
    let collection = try self.collection(collection)
    let condition = try request.filter.map { try collection.condition($0) }
    return try connections.read { try $0.query(request, matching: condition, in: collection) }
  }

  public func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    let collection = try self.collection(collection)
    let queries = try request.checkVectors(collection.schema)
    let condition = try request.filter.map { try collection.condition($0, firstValue: SQLiteVecFile.searchValues + 1) }
    return try connections.read { file in
      let limit = try file.limit(request.limit, in: collection)
      let dimension = collection.schema.dimension
      return try (0..<queries).map { query in
        try file.nearest(
          limit, to: request.vectors[query * dimension..<(query + 1) * dimension], matching: condition,
          request.outputFields, in: collection)
      }
    }
  }

  /// Takes the log of writes over into the file; there is no index to build.
  public func optimize(collection name: String) throws {
    _ = try collection(name)
    try connections.write { try $0.checkpoint() }
  }

  public func diskBytes(of collection: String) throws -> Int? {
    let collection = try self.collection(collection)
    return try connections.read { try $0.bytes(of: collection.id) }
  }

  public func close() throws {
    known.withLock { $0.removeAll() }
    connections.close()
  }

  private func collection(_ name: String) throws -> SQLiteVecCollection {
    if let found = known.withLock({ $0[name] }) { return found }
    let stored = try connections.read { try $0.collections() }
    guard let found = stored.first(where: { $0.schema.name == name }) else {
      throw VectorStoreError.noSuchCollection(name, known: stored.map(\.schema.name))
    }
    known.withLock { $0[name] = found }
    return found
  }
}

/// A collection as the file has it.
struct SQLiteVecCollection: Sendable {
  var id: Int
  var schema: CollectionSchema

  /// - Throws: `invalidFilter`; `unsupported` for one that SQLite's SQL cannot say exactly.
  func condition(_ filter: String, firstValue: Int = 1) throws(VectorStoreError) -> SQLCondition {
    try SQLFilter.condition(
      Filter(filter), SQLiteDialect(name: Self.storeName), keyType: schema.keyType, firstValue: firstValue)
  }

  static var storeName: String { "sqlite-vec" }
  private static var largestDimension: Int { 8_192 }

  /// - Throws: `unsupported` for what `vec0` does not have.
  static func checkSupport(_ schema: CollectionSchema) throws(VectorStoreError) {
    func unsupported(_ reason: String) -> VectorStoreError { .unsupported(name: storeName, reason: reason) }
    guard schema.metric != .ip else {
      throw unsupported("knows no inner product; choose COSINE, which ranks vectors of length 1 alike, or L2")
    }
    guard schema.index.kind == "flat" else {
      throw unsupported("has no index of kind \(schema.index.kind), as it scans all vectors; choose flat")
    }
    if let parameter = schema.index.parameters.keys.min() {
      throw unsupported("its scan has no parameter \(parameter); leave it out")
    }
    guard schema.dimension <= largestDimension else {
      throw unsupported("takes vectors of \(largestDimension) dimensions at most, not of \(schema.dimension)")
    }
  }
}
