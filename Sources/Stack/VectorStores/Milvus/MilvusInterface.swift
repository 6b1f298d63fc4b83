/// One of the interfaces that servers have: REST version 1, with the legacy one beside it or without, or version 2.
///
/// What it throws besides is said by `MilvusConnection`: `noSuchCollection`, `invalidFilter`, and `remote` for the rest.
protocol MilvusInterface: Sendable {
  /// "REST v1", for notices.
  var version: String { get }

  func names() throws -> [String]
  /// - Returns: nil for a collection that is none of vectors and keys as we know them.
  func describe(_ name: String) throws -> MilvusCollection?
  func create(_ schema: CollectionSchema, consistency: MilvusConsistency?) throws
  func drop(_ name: String) throws

  /// - Returns: the keys, in the order of the rows.
  func write(_ rows: [StoreRow], to collection: MilvusCollection, replacing: Bool) throws -> [PrimaryKey]
  func delete(matching filter: String, from collection: MilvusCollection) throws

  /// Rows that match, and of them so many from the `offset`th on.
  func query(
    _ filter: String, fields: MilvusFields, limit: Int, offset: Int, consistency: MilvusConsistency,
    in collection: MilvusCollection
  ) throws -> [StoreRow]
  /// Rows that match, counted by the server; nil where it does not count.
  func count(_ filter: String, consistency: MilvusConsistency, in collection: MilvusCollection) throws -> Int?
  func search(
    _ request: SearchRequest, fields: MilvusFields, consistency: MilvusConsistency, in collection: MilvusCollection
  ) throws -> [[SearchHit]]

  /// Rows that the collection's index holds.
  func indexedRows(of collection: MilvusCollection) throws -> Int
  /// Flushes, indexes and loads; returns when `clock` says that it took too long, or all of that is done.
  func optimize(_ collection: MilvusCollection, clock: MilvusClock) throws
}

/// The fields that an answer is to carry.
struct MilvusFields {
  var fields: OutputFields
  var vectors = false

  /// Names as requests have them.
  ///
  /// - Parameter all: what stands for all dynamic fields.
  func names(in collection: MilvusCollection, all: String = MilvusCollection.dynamicName) -> [String] {
    let named: [String] =
      switch fields {
      case .none: []
      case .all: collection.otherFields + [all]
      case .named(let names): names
      }
    return named + (vectors ? [collection.vectorField] : [])
  }

  /// What is left of an answer's members besides key, vector and distance.
  func select(_ members: [String: FieldValue]) -> [String: FieldValue] {
    switch fields {
    case .none: [:]
    case .all: members
    case .named(let names): members.filter { names.contains($0.key) }
    }
  }
}

/// Waits for a server, with pauses that grow.
struct MilvusClock {
  let deadline: ContinuousClock.Instant
  /// Lets a time pass; tests let none pass.
  let pause: @Sendable (Duration) -> Void

  /// - Throws: `VectorStoreError.remote` where the deadline passes before `isDone` holds.
  func wait(_ what: String, store: String, until isDone: () throws -> Bool) throws {
    var length = Duration.milliseconds(10)
    while try !isDone() {
      guard ContinuousClock.now < deadline else {
        throw VectorStoreError.remote(
          name: store, reason: "\(what) took too long; wait and ask again, or read the server's log")
      }
      pause(length)
      length = min(length * 2, .milliseconds(500))
    }
  }
}
