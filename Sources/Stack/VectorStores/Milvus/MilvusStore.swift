internal import Foundation
internal import Synchronization
internal import VectorIndexes

/// Collections of a Milvus server, or of Zilliz Cloud, over REST.
///
/// Where it differs from the embedded store: a key may come twice, for the server keeps none unique; `upsert` does not tell how
/// many rows it replaced; fields that are null are dropped, and a number without a fraction comes back as an integer; a search
/// sees acknowledged writes when its consistency says so and the interface can say it. Filters are Milvus's.
///
/// Connections are kept, one for each thread that asks at once.
final class MilvusStore: VectorStore {
  let name: String
  let interface: any MilvusInterface
  /// For every request, instead of what it says.
  let consistency: MilvusConsistency?
  private let notice: @Sendable (String) -> Void
  /// What the server said of collections that were used.
  private let known = Mutex<[String: MilvusCollection]>([:])

  /// What Milvus takes as a key, in bytes.
  static let longestKey = 65_535
  /// How long `optimize` may take.
  private static let patience = Duration.seconds(3_600)

  init(
    interface: any MilvusInterface, name: String, consistency: MilvusConsistency?,
    notice: @escaping @Sendable (String) -> Void
  ) {
    self.interface = interface
    self.name = name
    self.consistency = consistency
    self.notice = notice
  }

  func create(_ collection: CollectionSchema) throws {
    try CollectionSchema.check(name: collection.name)
    guard !collection.autoID || collection.keyType == .integer else {
      throw VectorStoreError.invalidArgument(
        "keys that the store gives are integers; choose integer keys, or give them yourself")
    }
    if name == "zilliz", collection.index.kind != MilvusIndex.automatic {
      throw VectorStoreError.unsupported(name: name, reason: "chooses every index itself; ask for the index 'auto'")
    }
    // Servers answer a second creation with success.
    guard try !interface.names().contains(collection.name) else {
      throw VectorStoreError.collectionExists(collection.name)
    }
    try interface.create(collection, consistency: consistency)
  }

  func drop(collection name: String) throws {
    // Version 2 answers the removal of what is not there with success.
    _ = try description(name)
    try interface.drop(name)
    known.withLock { $0[name] = nil }
  }

  /// Those that hold vectors of floats under keys; rows of one that is not loaded are not counted.
  func collections() throws -> [CollectionDescription] {
    try interface.names().sorted().compactMap { name in
      guard let collection = try interface.describe(name) else { return nil }
      return CollectionDescription(
        schema: collection.schema, rows: (try? count(MilvusFilter.everything, in: collection)) ?? 0,
        indexedRows: (try? interface.indexedRows(of: collection)) ?? 0)
    }
  }

  func optimize(collection name: String) throws {
    let clock = MilvusClock(deadline: .now + Self.patience) { Thread.sleep(forTimeInterval: $0 / .seconds(1)) }
    try with(name) { try interface.optimize($0, clock: clock) }
  }

  /// The server does not tell.
  func diskBytes(of collection: String) throws -> Int? {
    _ = try description(collection)
    return nil
  }

  func close() throws { known.withLock { $0.removeAll() } }

  // MARK: -

  /// What is known of a collection, or what the server says of it now.
  func description(_ name: String) throws -> MilvusCollection {
    if let collection = known.withLock({ $0[name] }) { return collection }
    // A name stands in paths, and what cannot be one is none.
    try CollectionSchema.check(name: name)
    let described: MilvusCollection?
    do { described = try interface.describe(name) } catch VectorStoreError.noSuchCollection {
      throw VectorStoreError.noSuchCollection(name, known: try interface.names().sorted())
    }
    guard let described else {
      throw VectorStoreError.unsupported(
        name: self.name,
        reason: "collection '\(name)' has no vectors of floats, or keys that are neither integers nor texts")
    }
    known.withLock { $0[name] = described }
    return described
  }

  /// Forgets what is known of a collection where the server refuses something: others may have made it anew.
  func with<Result>(_ name: String, _ body: (MilvusCollection) throws -> Result) throws -> Result {
    let collection = try description(name)
    do { return try body(collection) } catch {
      known.withLock { $0[name] = nil }
      guard case VectorStoreError.noSuchCollection = error else { throw error }
      throw VectorStoreError.noSuchCollection(name, known: try interface.names().sorted())
    }
  }
}
