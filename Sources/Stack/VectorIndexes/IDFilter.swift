/// The ids a search may return.
public struct IDFilter: Sendable {
  /// The allowed ids, ascending and unique.
  public let ids: [Int64]
  /// Bit i of word i/64 says whether id i is allowed, for ids below `bits.count × 64`.
  package let bits: [UInt64]

  /// - Complexity: O(n log n); O(largest id) memory in bits when the ids are dense enough, else binary search is used.
  public init(_ allowed: some Sequence<Int64>) {
    var sorted = allowed.filter { $0 >= 0 }
    sorted.sort()
    var unique: [Int64] = []
    unique.reserveCapacity(sorted.count)
    for id in sorted where unique.last != id { unique.append(id) }
    ids = unique
    if let last = unique.last, last < Int64(unique.count) * 4096 + 65_536 {
      var words = [UInt64](repeating: 0, count: Int(last) / 64 + 1)
      for id in unique { words[Int(id >> 6)] |= 1 << UInt64(id & 63) }
      bits = words
    } else {
      bits = []
    }
  }

  public var count: Int { ids.count }

  /// - Complexity: O(1) for dense ids, O(log n) otherwise.
  public func contains(_ id: Int64) -> Bool {
    guard id >= 0 else { return false }
    if !bits.isEmpty {
      let word = Int(id >> 6)
      return word < bits.count && bits[word] & (1 << UInt64(id & 63)) != 0
    }
    var low = 0
    var high = ids.count
    while low < high {
      let middle = (low + high) / 2
      if ids[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low < ids.count && ids[low] == id
  }
}
