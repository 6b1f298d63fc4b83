internal import Synchronization
package import VectorIndexes
package import VectorStores

/// A collection of a store with the face of an index, so that the same passes measure both: ids are its integer keys.
///
/// What a store does beside searching is part of its figures: rows go to its disk, requests and hits are values of their own.
package final class StoredIndex: VectorIndex {
  package static var kind: String { "store" }

  package let dimension: Int
  package let metric: DistanceMetric
  private let store: any VectorStore
  private let collection: String
  private let bytes: @Sendable () throws -> Int
  /// The last filter as the store's own words: `id in [1, 2, …]`.
  private let written = Mutex<(ids: [Int64], text: String)?>(nil)
  private let closed: @Sendable () -> Void

  /// - Parameters:
  ///   - specification: of the collection's index.
  ///   - bytes: what the index holds in memory.
  ///   - closed: called when the index is done with; nothing of the store is needed after.
  /// - Throws: what creating the collection throws.
  package init(
    _ specification: IndexSpecification, dimension: Int, metric: DistanceMetric, in store: any VectorStore,
    bytes: @escaping @Sendable () throws -> Int, closed: @escaping @Sendable () -> Void
  ) throws {
    self.dimension = dimension
    self.metric = metric
    self.store = store
    self.bytes = bytes
    self.closed = closed
    collection = "vectors"
    try store.create(
      CollectionSchema(
        name: collection, dimension: dimension, metric: StoreMetric(metric), index: specification))
  }

  /// Lets the store go; nothing is called after. Not left to `deinit`, as a thread that is ending may still hold the index.
  func close() { closed() }

  package var count: Int { (try? store.collections().first?.rows) ?? 0 }
  package var isTrained: Bool { true }
  package var memory: IndexMemory { IndexMemory(structure: (try? bytes()) ?? 0) }

  /// Bytes on disk, rows and index together.
  package func diskBytes() throws -> Int {
    guard let bytes = try store.diskBytes(of: collection) else { throw EngineError("the store cannot tell its size") }
    return bytes
  }

  package func train(_ vectors: Span<Float>) throws {}

  package func add(_ vectors: Span<Float>, ids: Span<Int64>) throws {
    var rows: [StoreRow] = []
    rows.reserveCapacity(ids.count)
    vectors.withUnsafeBufferPointer { vectors in
      for row in 0..<ids.count {
        rows.append(
          StoreRow(key: .integer(ids[row]), vector: Array(vectors[row * dimension..<(row + 1) * dimension])))
      }
    }
    _ = try store.insert(rows, into: collection)
  }

  package func optimize() throws { try store.optimize(collection: collection) }

  @discardableResult
  package func search(
    _ query: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    try searchBatch(query, k: k, parameters: parameters, filter: filter, threads: 1, into: &results)
  }

  @discardableResult
  package func searchBatch(
    _ queries: Span<Float>, k: Int, parameters: SearchParameters, filter: IDFilter?, threads: Int,
    into results: inout MutableSpan<Neighbor>
  ) throws -> SearchStatistics {
    let hits = try store.search(
      SearchRequest(
        vectors: queries.withUnsafeBufferPointer { Array($0) }, limit: k, filter: filter.map { words(for: $0) },
        parameters: parameters, threads: threads), in: collection)
    var found = 0
    for (query, hits) in hits.enumerated() {
      for place in 0..<k {
        guard place < hits.count, case .integer(let id) = hits[place].key else {
          results[query * k + place] = .none
          continue
        }
        results[query * k + place] = Neighbor(id: id, distance: hits[place].distance)
        found += 1
      }
    }
    return SearchStatistics(found: found)
  }

  @discardableResult
  package func remove(ids: Span<Int64>) throws -> Int {
    try store.delete((0..<ids.count).map { .integer(ids[$0]) }, from: collection)
  }

  package func save(to path: String) throws {
    throw EngineError("a store saves itself; its bytes are those of its files")
  }

  /// Written once for all queries of a pass.
  private func words(for filter: IDFilter) -> String {
    written.withLock { written in
      if let known = written, known.ids == filter.ids { return known.text }
      let text = "id in [\(filter.ids.map { "\($0)" }.joined(separator: ","))]"
      written = (filter.ids, text)
      return text
    }
  }
}

extension StoreMetric {
  init(_ metric: DistanceMetric) {
    switch metric {
    case .l2: self = .l2
    case .ip: self = .ip
    case .cosine: self = .cosine
    }
  }
}
