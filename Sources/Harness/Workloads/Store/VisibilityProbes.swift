internal import Datasets
internal import Foundation
internal import Instrumentation
internal import RunStore
internal import Statistics
internal import VectorIndexes
internal import VectorStores

/// Inserts rows one by one into a full collection, looks for each until a search finds it, deletes it, and looks until no search
/// does.
///
/// No row lies nearer to a probe's vector than the probe itself, so an exact search must find it. Once patience has ended for one
/// probe, the others get a single look: a store that shows nothing would be asked for hours.
struct VisibilityProbes {
  private let collection: MeasuredCollection
  private let rows: StoreRows
  private let patience: UInt64
  private let seed: UInt64

  /// Nearest neighbours among which a probe must be: more than one, as a row of the base set may be its equal.
  private static let limit = 10

  /// Nanoseconds of each probe; −1 where patience ended before.
  private struct Series {
    var inserts: [UInt64] = []
    var found: [Int64] = []
    var foundAtOnce: UInt64 = 0
    var looks: [UInt64] = []
    var deletes: [UInt64] = []
    var gone: [Int64] = []
  }

  /// - Parameter patience: seconds.
  init(_ collection: MeasuredCollection, rows: StoreRows, patience: Double, seed: UInt64) {
    self.collection = collection
    self.rows = rows
    self.patience = UInt64(patience * 1e9)
    self.seed = seed
  }

  /// - Throws: what the store throws; that it cannot delete becomes a reason of the collection instead.
  func run(_ count: Int, consistency: Consistency) throws -> [String: Samples] {
    var generator = SplitMix64(seed: seed)
    var series = Series()
    var patience = (found: patience, gone: patience)
    let norm = rows.dataset.metric == .ip ? rows.dataset.base.largestNorm : nil
    // A store that embeds by itself is asked by the probe's text, and so must embed that text.
    let embedsItself = try collection.filled().store is any TextSearchStore
    for number in rows.count..<rows.count + count {
      let vector = vector(norm: norm, using: &generator)
      let text = rows.texts.map { "Number \(number). \($0.base[number % $0.base.count])" }
      let find = try collection.finder(vector: vector, text: text, limit: Self.limit, consistency: consistency)
      let isThere = { try find().contains { collection.number(of: $0.key) == Int64(number) } }

      let inserted = try insert(rows.row(number, vector: embedsItself ? [] : vector, text: text), number, &series)
      let found = try poll(since: inserted, patience: patience.found, isThere)
      series.found.append(found.nanoseconds.map { Int64($0) } ?? -1)
      if found.nanoseconds != nil, found.looks == 1 { series.foundAtOnce += 1 }
      if found.nanoseconds == nil { patience.found = 0 }
      let start = MonotonicClock.now()
      _ = try isThere()
      series.looks.append(MonotonicClock.now() - start)

      guard let deleted = try delete(number, &series), found.nanoseconds != nil else { continue }
      let gone = try poll(since: deleted, patience: patience.gone) { try !isThere() }
      series.gone.append(gone.nanoseconds.map { Int64($0) } ?? -1)
      if gone.nanoseconds == nil { patience.gone = 0 }
    }
    return [
      "probe_insert": .uint64(series.inserts), "visibility": .int64(series.found),
      "found_at_once": .uint64([series.foundAtOnce]), "look": .uint64(series.looks),
      "probe_delete": .uint64(series.deletes), "delete_visibility": .int64(series.gone),
    ]
  }

  /// When the insert was acknowledged.
  private func insert(_ row: StoreRow, _ number: Int, _ series: inout Series) throws -> UInt64 {
    let (store, name) = try collection.filled()
    let start = MonotonicClock.now()
    let result = try store.insert([row], into: name)
    let end = MonotonicClock.now()
    series.inserts.append(end - start)
    try collection.note(result, of: number..<number + 1)
    return end
  }

  /// When the deletion was acknowledged; nil where the store has none.
  private func delete(_ number: Int, _ series: inout Series) throws -> UInt64? {
    let (store, name) = try collection.filled()
    do {
      let start = MonotonicClock.now()
      _ = try store.delete([collection.key(of: number)], from: name)
      let end = MonotonicClock.now()
      series.deletes.append(end - start)
      return end
    } catch let error as VectorStoreError {
      guard case .unsupported = error else { throw error }
      collection.reasons["delete"] = "\(error)"
      return nil
    }
  }

  private func poll(since change: UInt64, patience: UInt64, _ look: () throws -> Bool) throws -> VisibilityPoll {
    try VisibilityPoll(
      since: change, patience: patience, now: MonotonicClock.now,
      pause: { Thread.sleep(forTimeInterval: Double($0) / 1e9) }, look: look)
  }

  /// A row of the base set, a hundredth aside so that it is none of them.
  ///
  /// - Parameter norm: the largest of the base set under inner product: a vector of that norm is its own nearest.
  private func vector(norm: Double?, using generator: inout SplitMix64) -> [Float] {
    let near = rows.dataset.base.row(Int.random(in: 0..<rows.count, using: &generator))
    let length = near.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let step = Float(max(length, 1e-3) * 0.01 / Double(near.count).squareRoot())
    let moved = near.map { $0 + Float.random(in: -step...step, using: &generator) }
    guard let norm else { return moved }
    let own = moved.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return own > 0 ? moved.map { $0 * Float(norm / own) } : moved
  }
}

extension VectorSet {
  fileprivate var largestNorm: Double {
    (0..<count).map { row in self.row(row).reduce(0.0) { $0 + Double($1) * Double($1) } }.max()?.squareRoot() ?? 0
  }
}
