import Foundation
import Synchronization
import VectorIndexes
import VectorStores

/// A store in memory that answers exactly, or wrongly in one way.
final class ScriptedStore: VectorStore {
  enum Fault: String, CaseIterable {
    case none, createRefused, indexRefused, insertRefused, fewerKeys, optimizeRefused, searchRefused, fewerHits,
      repeatedIDs,
      stringKeys, ownKeys, deletesNothing, cannotDelete, dropRefused, diskUnknown, probeRefused
  }

  private struct Row {
    var row: StoreRow
    /// Searches after which it is seen, and after its deletion no longer.
    var hiddenFor: Int
    var isDeleted = false
  }

  private struct State {
    var collections: [String: (schema: CollectionSchema, rows: [PrimaryKey: Row])] = [:]
    var log: [String] = []
    var isClosed = false
    var nextKey: Int64 = 1_000_000
  }

  let name = "scripted"
  private let fault: Fault
  /// Searches that do not see a row yet after its insert or deletion; those of `optimize` see everything.
  private let lag: Int
  private let state = Mutex(State())

  init(_ fault: Fault = .none, lag: Int = 0, existing: [String] = []) {
    self.fault = fault
    self.lag = lag
    state.withLock { state in
      for name in existing {
        state.collections[name] = (CollectionSchema(name: name, dimension: 3, metric: .cosine), [:])
      }
    }
  }

  var names: [String] { state.withLock { $0.collections.keys.sorted() } }
  var log: [String] { state.withLock { $0.log } }
  var isClosed: Bool { state.withLock { $0.isClosed } }
  private func refused(_ reason: String) -> VectorStoreError { .remote(name: name, reason: reason) }

  func create(_ collection: CollectionSchema) throws {
    if fault == .createRefused { throw VectorStoreError.collectionExists(collection.name) }
    try state.withLock { state in
      state.log.append("create")
      state.collections[collection.name] = (collection, [:])
      if fault == .indexRefused { throw VectorStoreError.unsupported(name: name, reason: "has no index 'flat'") }
    }
  }

  func drop(collection: String) throws {
    if fault == .dropRefused { throw refused("drops nothing today") }
    try state.withLock { state in
      state.log.append("drop")
      guard state.collections.removeValue(forKey: collection) != nil else {
        throw VectorStoreError.noSuchCollection(collection, known: [])
      }
    }
  }

  func collections() throws -> [CollectionDescription] {
    state.withLock { state in
      state.collections.values.map {
        CollectionDescription(schema: $0.schema, rows: $0.rows.count, indexedRows: $0.rows.count)
      }
    }
  }

  func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try state.withLock { state in
      guard fault != .insertRefused else { throw refused("the key was refused; set SCRIPTED_TOKEN") }
      if fault == .probeRefused, rows.count == 1 { throw refused("has no room for another row") }
      state.log.append("insert")
      guard let dimension = state.collections[collection]?.schema.dimension else {
        throw VectorStoreError.noSuchCollection(collection, known: [])
      }
      var keys: [PrimaryKey] = []
      for (number, row) in rows.enumerated() {
        guard row.vector.count == dimension, let given = row.key else {
          throw VectorStoreError.invalidRow(row: number, reason: "has another dimension")
        }
        var key = given
        if fault == .ownKeys {
          key = .integer(state.nextKey)
          state.nextKey += 1
        }
        guard state.collections[collection]?.rows[key].map({ $0.isDeleted }) ?? true else {
          throw VectorStoreError.duplicateKey(key, row: number)
        }
        state.collections[collection]?.rows[key] = Row(row: row, hiddenFor: lag)
        keys.append(key)
      }
      return WriteResult(keys: fault == .fewerKeys ? keys.dropLast() : keys)
    }
  }

  func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    state.withLock { state in
      state.log.append("upsert")
      let keys = rows.compactMap(\.key)
      for (key, row) in zip(keys, rows) { state.collections[collection]?.rows[key] = Row(row: row, hiddenFor: lag) }
      return WriteResult(keys: keys, replaced: keys.count)
    }
  }

  func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    guard fault != .cannotDelete else { throw VectorStoreError.unsupported(name: name, reason: "deletes no rows") }
    return state.withLock { state in
      state.log.append("delete")
      guard fault != .deletesNothing else { return 0 }
      for key in keys {
        state.collections[collection]?.rows[key]?.isDeleted = true
        state.collections[collection]?.rows[key]?.hiddenFor = lag
      }
      return keys.count
    }
  }

  func delete(matching filter: String, from collection: String) throws -> Int { 0 }
  func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] { [] }

  func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    try state.withLock { state in
      guard fault != .searchRefused || request.parameters.ef != 20 else { throw refused("answered HTML") }
      guard let held = state.collections[collection] else {
        throw VectorStoreError.noSuchCollection(collection, known: [])
      }
      guard request.vectors.count == held.schema.dimension else {
        throw VectorStoreError.invalidArgument("the query has another dimension")
      }
      let bound = request.filter.flatMap { Int64($0.replacing("rank < ", with: "")) }
      var hits: [SearchHit] = []
      for (key, row) in held.rows {
        let isSeen = row.isDeleted == (row.hiddenFor > 0)
        if row.hiddenFor > 0 { state.collections[collection]?.rows[key]?.hiddenFor -= 1 }
        if let bound, case .integer(let rank)? = row.row.fields["rank"], rank >= bound { continue }
        guard isSeen else { continue }
        let distance = zip(row.row.vector, request.vectors).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
        hits.append(SearchHit(key: key, distance: distance))
      }
      hits.sort { $0.distance < $1.distance }
      var nearest = Array(hits.prefix(request.limit))
      switch fault {
      case .fewerHits: nearest = Array(nearest.prefix(4))
      case .repeatedIDs: nearest = nearest.map { _ in nearest[0] }
      case .stringKeys:
        nearest = nearest.map { hit in
          guard case .integer(let number) = hit.key else { return hit }
          return SearchHit(key: .string("\(number)"), distance: hit.distance)
        }
      default: break
      }
      return [nearest]
    }
  }

  func optimize(collection: String) throws {
    if fault == .optimizeRefused { throw refused("the index is not ready after 60 s; ask for more patience") }
    state.withLock { state in
      state.log.append("optimize")
      for key in state.collections[collection]?.rows.keys.map({ $0 }) ?? [] {
        state.collections[collection]?.rows[key]?.hiddenFor = 0
      }
    }
  }

  func diskBytes(of collection: String) throws -> Int? { fault == .diskUnknown ? nil : 4321 }
  func close() throws { state.withLock { $0.isClosed = true } }
}

/// A store whose server embeds: it answers the rows whose text has most words of the question, and no vectors.
final class TextStore: TextSearchStore {
  let name = "texts"
  private let rows = Mutex<[StoreRow]>([])

  func create(_ collection: CollectionSchema) throws {}
  func drop(collection: String) throws { rows.withLock { $0 = [] } }
  func collections() throws -> [CollectionDescription] { [] }
  func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    self.rows.withLock { $0 += rows }
    return WriteResult(keys: rows.compactMap(\.key))
  }
  func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    throw VectorStoreError.unsupported(name: name, reason: "replaces no rows")
  }
  func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    throw VectorStoreError.unsupported(name: name, reason: "deletes no rows")
  }
  func delete(matching filter: String, from collection: String) throws -> Int { 0 }
  func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] { [] }
  func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    throw VectorStoreError.unsupported(name: name, reason: "takes no vectors")
  }
  func search(texts: [String], limit: Int, in collection: String) throws -> [[SearchHit]] {
    rows.withLock { rows in
      texts.map { text in
        let wanted = Set(text.split(separator: " "))
        let scored = rows.map { row -> (score: Int, key: PrimaryKey) in
          guard case .string(let text)? = row.fields["text"], let key = row.key else { return (0, .integer(-1)) }
          return (wanted.intersection(text.split(separator: " ")).count, key)
        }
        return scored.sorted { $0.score > $1.score }.prefix(limit).map {
          SearchHit(key: $0.key, distance: Float($0.score))
        }
      }
    }
  }
  func optimize(collection: String) throws {}
  func diskBytes(of collection: String) throws -> Int? { nil }
  func close() throws {}
}
