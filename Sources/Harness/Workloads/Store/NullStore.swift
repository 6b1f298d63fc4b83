package import VectorStores

/// Holds nothing and answers at once with nothing: what a pass over it takes is the harness's own cost.
package final class NullStore: VectorStore {
  package let name = "null"

  package init() {}

  package func create(_ collection: CollectionSchema) throws {}
  package func drop(collection: String) throws {}
  package func collections() throws -> [CollectionDescription] { [] }
  package func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    WriteResult(keys: rows.compactMap(\.key))
  }
  package func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    WriteResult(keys: rows.compactMap(\.key))
  }
  package func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int { 0 }
  package func delete(matching filter: String, from collection: String) throws -> Int { 0 }
  package func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] { [] }
  @inline(never)
  package func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] { [[]] }
  package func optimize(collection: String) throws {}
  package func diskBytes(of collection: String) throws -> Int? { nil }
  package func close() throws {}
}
