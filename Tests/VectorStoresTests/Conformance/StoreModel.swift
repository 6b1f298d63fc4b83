import VectorStores

/// What a collection should hold, in a dictionary.
struct StoreModel {
  var rows: [PrimaryKey: StoreRow] = [:]
  /// Keys whose present row the last optimised index holds.
  var indexed: Set<PrimaryKey> = []

  mutating func write(_ batch: [StoreRow]) {
    for row in batch {
      guard let key = row.key else { continue }
      rows[key] = row
      indexed.remove(key)
    }
  }

  mutating func remove(_ keys: some Sequence<PrimaryKey>) {
    for key in keys {
      rows[key] = nil
      indexed.remove(key)
    }
  }

  func matching(_ filter: RandomFilter?) -> [StoreRow] {
    rows.values.filter { row in filter.map { $0.truth(row.key!, row.fields) == true } ?? true }
  }

  /// The nearest first.
  func nearest(_ query: [Float], _ metric: StoreMetric, _ limit: Int, among rows: [StoreRow]) -> [PrimaryKey] {
    let near = rows.map { ($0.key!, exactDistance(query, $0.vector, metric)) }
    let sorted = near.sorted { metric == .l2 ? $0.1 < $1.1 : $0.1 > $1.1 }
    return sorted.prefix(limit).map(\.0)
  }

  static func inOrder(_ rows: [StoreRow]) -> [StoreRow] {
    rows.sorted {
      switch ($0.key!, $1.key!) {
      case (.integer(let a), .integer(let b)): a < b
      case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
      default: false
      }
    }
  }
}
