internal import Datasets
internal import Instrumentation
internal import RunStore
internal import VectorIndexes
internal import VectorStores

/// One index in one store, filled with the rows of a dataset under a name of its own, with the cases that wait for it.
final class MeasuredCollection {
  let measured: MeasuredStore
  let index: EngineChoice
  /// Cases that are neither stored nor failed.
  var pending: [StoreCase]
  /// What was tried of it and failed without being its cases' failure, by the metric's name.
  var reasons: [String: String] = [:]
  private let rows: StoreRows
  /// The collection that is there; nil where none is.
  private(set) var name: String?
  /// Row numbers by the keys that the store gave instead of ours.
  private var numbers: [PrimaryKey: Int64] = [:]
  /// The other way round.
  private var keys: [Int: PrimaryKey] = [:]
  private var fills = Fills()

  /// Series of all fills.
  private struct Fills {
    var addSeconds: [Double] = []
    var optimizeSeconds: [Double] = []
    var batches: [UInt64] = []
    var diskBytes: [Double] = []
  }

  init(_ planned: StorePlan.Collection, in measured: MeasuredStore, rows: StoreRows, pending: [StoreCase]) {
    self.measured = measured
    self.index = planned.index
    self.rows = rows
    self.pending = pending
  }

  /// What progress and warnings call it.
  var title: String { (measured.choice.idParts + index.idParts).joined(separator: " ") }

  /// Makes the collection anew, inserts all rows and optimises.
  ///
  /// - Throws: what the store throws; `EngineError` where it acknowledges another number of rows.
  func fill(batch: Int) throws {
    try drop()
    let opened = try measured.open()
    let store = opened.store
    let name = try create(in: opened)
    (numbers, keys) = ([:], [:])
    var nanoseconds: UInt64 = 0
    for first in stride(from: 0, to: rows.count, by: batch) {
      let range = first..<min(rows.count, first + batch)
      // Made before the clock starts: a client has its rows.
      let made = range.map(rows.row)
      let start = MonotonicClock.now()
      let result = try store.insert(made, into: name)
      let taken = MonotonicClock.now() - start
      fills.batches.append(taken)
      nanoseconds += taken
      try note(result, of: range)
    }
    let start = MonotonicClock.now()
    try store.optimize(collection: name)
    fills.optimizeSeconds.append(MonotonicClock.seconds(from: start, to: MonotonicClock.now()))
    fills.addSeconds.append(Double(nanoseconds) / 1e9)
    if let bytes = try store.diskBytes(of: name) { fills.diskBytes.append(Double(bytes)) }
  }

  private func create(in opened: OpenedStore) throws -> String {
    guard let specification = index.specification else { throw EngineError("\(index.engine) cannot live in a store") }
    let name = opened.own.name()
    do {
      try opened.store.create(
        CollectionSchema(
          name: name, dimension: rows.dataset.base.dimension,
          metric: StoreMetric(DistanceMetric(rows.dataset.metric)), index: specification))
    } catch let error as VectorStoreError {
      if case .collectionExists = error { throw error }
      // A server may have made the collection and refused its index; the name is ours alone.
      try? opened.store.drop(collection: name)
      throw error
    }
    self.name = name
    return name
  }

  /// Keeps the keys under which the store holds rows, where they are not the ones it was given.
  func note(_ result: WriteResult, of range: some Collection<Int>) throws {
    guard result.keys.count == range.count else {
      throw EngineError("\(measured.choice.name) acknowledged \(result.keys.count) of \(range.count) rows")
    }
    for (number, key) in zip(range, result.keys) where key != .integer(Int64(number)) {
      numbers[key] = Int64(number)
      keys[number] = key
    }
  }

  /// The key under which the store holds a row.
  func key(of number: Int) -> PrimaryKey { keys[number] ?? .integer(Int64(number)) }

  /// A row as the store holds it: under the store's key.
  func stored(_ number: Int, of rows: StoreRows) -> StoreRow {
    var row = rows.row(number)
    row.key = key(of: number)
    return row
  }

  /// The row number of a key, −1 for one that no row has.
  func number(of key: PrimaryKey) -> Int64 {
    if let number = numbers[key] { return number }
    return switch key {
    case .integer(let number): number
    case .string(let text): Int64(text) ?? -1
    }
  }

  /// What filling took, as series of a pass.
  var samples: [String: Samples] {
    var samples: [String: Samples] = [
      "add_seconds": .double(fills.addSeconds), "optimize_seconds": .double(fills.optimizeSeconds),
      "insert_batch": .uint64(fills.batches), "rows": .uint64([UInt64(rows.count)]),
    ]
    if !fills.diskBytes.isEmpty { samples["disk_bytes"] = .double(fills.diskBytes) }
    return samples
  }

  /// The collection that was filled.
  func filled() throws -> (store: any VectorStore, name: String) {
    guard let name else { throw EngineError("\(title) was not filled, so it cannot be searched") }
    return (try measured.open().store, name)
  }

  /// Removes the collection, if there is one.
  func drop() throws {
    guard let name else { return }
    self.name = nil
    try measured.open().store.drop(collection: name)
  }
}
