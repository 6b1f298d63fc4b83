/// Collections of rows with a vector each, that can be searched and filtered: what Milvus calls a collection.
///
/// The embedded store and every outside one answer this protocol, so that one workload measures them all. Rows that a call
/// has acknowledged survive the process being killed. Calls may come from any thread.
public protocol VectorStore: AnyObject, Sendable {
  /// What reports call it: "ragmeter", "milvus", ….
  var name: String { get }

  /// - Throws: `VectorStoreError` if there is a collection of that name.
  func create(_ collection: CollectionSchema) throws
  /// Removes a collection with its rows and its index.
  func drop(collection: String) throws
  /// The collections there are, by name.
  func collections() throws -> [CollectionDescription]

  /// Stores new rows, all or nothing; a key that is already there, or twice in the batch, refuses the batch.
  func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult
  /// Stores rows, replacing those with the same key; all or nothing.
  func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult
  /// Removes the rows with these keys that are there; returns how many were.
  func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int
  /// Removes the rows that match; returns how many did.
  func delete(matching filter: String, from collection: String) throws -> Int

  /// Rows by filter, in the order of their keys.
  func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow]
  /// The nearest rows to each vector, nearest first; fewer where fewer match.
  func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]]

  /// Brings the index up to date with every acknowledged row, and makes it fast: for a server, flushed, indexed and loaded
  /// when this returns.
  func optimize(collection: String) throws
  /// Bytes that the collection takes on disk, its index included; nil where the store cannot tell.
  func diskBytes(of collection: String) throws -> Int?
  /// Ends the use of the store; nothing else is called after.
  func close() throws
}

/// A store whose server embeds questions itself, and takes no vectors to search with: Llama Stack.
public protocol TextSearchStore: VectorStore {
  /// The rows nearest to each text, nearest first, under the metric that the server chose.
  func search(texts: [String], limit: Int, in collection: String) throws -> [[SearchHit]]
}
