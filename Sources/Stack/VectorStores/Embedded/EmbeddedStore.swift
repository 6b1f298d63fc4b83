import Foundation
import Synchronization
import VectorIndexes

/// Collections in one SQLite file, and beside it, in `FILE.indexes/`, the index of each.
///
/// **Writes** are all or nothing, and on the disk when the call returns: they survive SIGKILL and, as far as the disk keeps
/// what it has synchronised, loss of power. They cost no index: rows gather in a tail that is searched exactly, until
/// `optimize` takes them over into the index that the schema names. Searches go on while `optimize` runs; writes wait.
///
/// **Searches** see the index and the tail (`strong`), or the index alone (`eventually`); deleted rows are seen by neither.
/// The rows that match a filter are remembered until the next write.
///
/// **Opening** loads saved indexes as they are. One that is missing, damaged or not the one that belongs to the rows is built
/// again from the rows, with a notice.
///
/// **Processes**: one that writes, alone, or any number that read.
///
/// `IVF` kinds learn from rows, at least `nlist` of them; while there are fewer, `optimize` makes a flat index, and once the
/// rows have doubled it learns anew.
public final class EmbeddedStore: VectorStore {
  public enum Access: Sendable {
    /// Makes the file if it is not there; no other process can use the store meanwhile.
    case readWrite
    /// Nothing is written, not even an index that had to be built again.
    case readOnly
  }

  public let name = "ragmeter"
  public let path: String

  private let connection: StoreConnection
  private let files: IndexFiles
  private let notice: @Sendable (String) -> Void
  /// Those that were used, by name.
  private let open = Mutex<[String: EmbeddedCollection]>([:])

  /// - Parameter notice: hears, in a sentence, of what was mended.
  /// - Throws: `VectorStoreError.unusable` if the file cannot be opened, is another program's or damaged, or is in use by
  ///   another process.
  public init(
    path: String, access: Access = .readWrite, notice: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.path = path
    self.notice = notice
    connection = try StoreConnection(path: path, readOnly: access == .readOnly)
    files = IndexFiles(store: path, readOnly: access == .readOnly)
    if access == .readWrite { files.sweep(keeping: try connection.use { try $0.collections() }) }
  }

  public func create(_ collection: CollectionSchema) throws {
    try collection.check()
    try mayWrite()
    try open.withLock { _ in
      try connection.use { file in
        guard try !file.collections().contains(where: { $0.schema.name == collection.name }) else {
          throw VectorStoreError.collectionExists(collection.name)
        }
        try file.create(collection)
      }
    }
  }

  public func drop(collection name: String) throws {
    try mayWrite()
    let dropped = try self.collection(name)
    try open.withLock { open in
      try dropped.writing.withLock { writing in
        try connection.use { try $0.drop(dropped.id) }
        if writing.saved.generation > 0 { files.remove(dropped.id, writing.saved.generation) }
      }
      open[name] = nil
    }
  }

  public func collections() throws -> [CollectionDescription] {
    let known = open.withLock { $0 }
    return try connection.use { file in
      try file.collections().map { try known[$0.schema.name]?.description() ?? file.description(of: $0) }
    }
  }

  public func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try write(to: collection) { try $0.write(rows, replaces: false) }
  }

  public func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try write(to: collection) { try $0.write(rows, replaces: true) }
  }

  public func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    try write(to: collection) { try $0.delete(keys) }
  }

  public func delete(matching filter: String, from collection: String) throws -> Int {
    let filter = try Filter(filter)
    return try write(to: collection) { try $0.delete(matching: filter) }
  }

  public func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] {
    try self.collection(collection).query(request)
  }

  public func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    try self.collection(collection).search(request)
  }

  public func optimize(collection: String) throws {
    try write(to: collection) { try $0.optimize() }
  }

  public func diskBytes(of collection: String) throws -> Int? {
    let collection = try self.collection(collection)
    let generation = collection.writing.withLock { $0.saved.generation }
    return try connection.use { try $0.bytes(of: collection.id) }
      + (generation > 0 ? files.bytes(collection.id, generation) : 0)
  }

  /// Bytes that the index of a collection holds in memory, rows that it does not hold yet included.
  public func indexMemory(of collection: String) throws -> Int {
    try self.collection(collection).read { ($0.index?.memory.total ?? 0) + $0.tail.memory.total }
  }

  public func close() throws {
    open.withLock { $0.removeAll() }
    connection.close()
  }

  private func mayWrite() throws {
    guard !files.isReadOnly else {
      throw VectorStoreError.unusable(path: path, reason: "was opened for reading alone; open it for writing")
    }
  }

  private func write<T>(to name: String, _ body: (EmbeddedCollection) throws -> T) throws -> T {
    try mayWrite()
    do {
      return try body(collection(name))
    } catch let error as StaleCollection {
      open.withLock { $0[name] = nil }
      throw VectorStoreError.unusable(
        path: path, reason: "the rows are stored, but cannot be held in memory (\(error.reason)); open the store again")
    } catch let error as VectorIndexError {
      throw VectorStoreError.unusable(path: path, reason: "the index of collection '\(name)': \(error)")
    }
  }

  private func collection(_ name: String) throws -> EmbeddedCollection {
    try open.withLock { open in
      if let known = open[name] { return known }
      let stored = try connection.use { try $0.collections() }
      guard let found = stored.first(where: { $0.schema.name == name }) else {
        throw VectorStoreError.noSuchCollection(name, known: stored.map(\.schema.name))
      }
      let collection = try EmbeddedCollection(found, connection: connection, files: files, notice: notice)
      open[name] = collection
      return collection
    }
  }
}
