internal import Instrumentation
internal import RunStore
internal import Statistics
internal import VectorStores

/// Replaces a share of a collection's rows by themselves, deletes them, and inserts them again: what was asked before has the
/// same answers after, if the store has kept up.
struct StoreChurn {
  private let collection: MeasuredCollection
  private let rows: StoreRows
  private let batch: Int

  init(_ collection: MeasuredCollection, rows: StoreRows, batch: Int) {
    self.collection = collection
    self.rows = rows
    self.batch = batch
  }

  /// - Throws: what the store throws; what it cannot do at all becomes a reason of the collection instead.
  func run(share: Double, seed: UInt64) throws -> [String: Samples] {
    let (store, name) = try collection.filled()
    var generator = SplitMix64(seed: seed)
    let wanted = max(1, Int((share * Double(rows.count)).rounded()))
    let churned = (0..<rows.count).shuffled(using: &generator).prefix(wanted).sorted()
    var samples: [String: Samples] = ["churned": .uint64([UInt64(wanted)])]
    samples["upsert_batch"] = try batches(of: churned, as: "upsert") { numbers in
      let made = numbers.map { collection.stored($0, of: rows) }
      return { _ = try store.upsert(made, into: name) }
    }
    let deleted = try batches(of: churned, as: "delete") { numbers in
      let keys = numbers.map(collection.key)
      return { _ = try store.delete(keys, from: name) }
    }
    samples["delete_batch"] = deleted
    guard deleted != nil else { return samples }
    samples["reinsert_batch"] = try batches(of: churned, as: "insert") { numbers in
      let made = numbers.map(rows.row)
      return {
        let result = try store.insert(made, into: name)
        try collection.note(result, of: numbers)
      }
    }
    return samples
  }

  /// Nanoseconds of each batch; nil where the store cannot do this.
  ///
  /// - Parameter prepare: makes what a batch needs before its clock starts.
  private func batches(
    of numbers: [Int], as kind: String, _ prepare: (ArraySlice<Int>) -> () throws -> Void
  ) throws -> Samples? {
    var nanoseconds: [UInt64] = []
    do {
      for first in stride(from: 0, to: numbers.count, by: batch) {
        let body = prepare(numbers[first..<min(numbers.count, first + batch)])
        let start = MonotonicClock.now()
        try body()
        nanoseconds.append(MonotonicClock.now() - start)
      }
    } catch let error as VectorStoreError {
      guard case .unsupported = error else { throw error }
      collection.reasons[kind] = "\(error)"
      return nil
    }
    return .uint64(nanoseconds)
  }
}
