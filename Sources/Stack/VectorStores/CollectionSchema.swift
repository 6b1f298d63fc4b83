public import VectorIndexes

/// How vectors of a collection are compared, by Milvus's names. `IP` and `COSINE` answer similarities: larger is nearer;
/// `L2` answers squared distances.
public enum StoreMetric: String, Sendable, Codable, CaseIterable {
  case l2 = "L2"
  case ip = "IP"
  case cosine = "COSINE"
}

/// What a collection is made of.
public struct CollectionSchema: Sendable, Equatable {
  public enum KeyType: String, Sendable, Codable { case integer, string }

  public var name: String
  public var dimension: Int
  public var metric: StoreMetric
  public var keyType: KeyType
  /// The store gives integer keys itself; rows come without.
  public var autoID: Bool
  public var index: IndexSpecification
  /// Words that go with the collection and mean nothing to the store: which embedder its vectors are of, say.
  public var properties: [String: String]

  public init(
    name: String, dimension: Int, metric: StoreMetric, keyType: KeyType = .integer, autoID: Bool = false,
    index: IndexSpecification = IndexSpecification(kind: "flat"), properties: [String: String] = [:]
  ) {
    self.name = name
    self.dimension = dimension
    self.metric = metric
    self.keyType = keyType
    self.autoID = autoID
    self.index = index
    self.properties = properties
  }
}

/// A collection that is there.
public struct CollectionDescription: Sendable, Equatable {
  public var schema: CollectionSchema
  /// Rows that are acknowledged and not deleted.
  public var rows: Int
  /// Rows that the last optimised index holds.
  public var indexedRows: Int

  public init(schema: CollectionSchema, rows: Int, indexedRows: Int) {
    self.schema = schema
    self.rows = rows
    self.indexedRows = indexedRows
  }
}

/// The primary key of a row.
public enum PrimaryKey: Sendable, Hashable {
  case integer(Int64)
  case string(String)
}

/// A row as it is written and read.
public struct StoreRow: Sendable, Equatable {
  /// `nil` where the store gives the key.
  public var key: PrimaryKey?
  /// Empty where a query did not ask for it.
  public var vector: [Float]
  public var fields: [String: FieldValue]

  public init(key: PrimaryKey?, vector: [Float], fields: [String: FieldValue] = [:]) {
    self.key = key
    self.vector = vector
    self.fields = fields
  }
}

/// What a write acknowledged.
public struct WriteResult: Sendable, Equatable {
  /// In the order of the rows.
  public var keys: [PrimaryKey]
  /// Rows that replaced older ones.
  public var replaced: Int

  public init(keys: [PrimaryKey], replaced: Int = 0) {
    self.keys = keys
    self.replaced = replaced
  }
}
