/// Which ids are present: a bit each where ids are dense, in pages of 512 so that sparse ids stay affordable.
struct IDSet: Sendable {
  private var pages: [Int64: SIMD8<UInt64>] = [:]
  private(set) var count = 0

  /// - Complexity: O(1).
  func contains(_ id: Int64) -> Bool {
    guard let page = pages[id >> 9] else { return false }
    return page[Int(id >> 6) & 7] & (1 << UInt64(id & 63)) != 0
  }

  /// - Complexity: amortised O(1).
  mutating func insert(_ id: Int64) {
    let bit: UInt64 = 1 << UInt64(id & 63)
    let word = Int(id >> 6) & 7
    if pages[id >> 9, default: SIMD8()][word] & bit == 0 {
      pages[id >> 9, default: SIMD8()][word] |= bit
      count += 1
    }
  }

  /// Returns whether the id was there.
  ///
  /// - Complexity: O(1).
  mutating func remove(_ id: Int64) -> Bool {
    guard contains(id), var page = pages[id >> 9] else { return false }
    page[Int(id >> 6) & 7] &= ~(1 << UInt64(id & 63))
    pages[id >> 9] = page == SIMD8() ? nil : page
    count -= 1
    return true
  }

  /// Bytes held.
  var bytes: Int { pages.capacity * (MemoryLayout<Int64>.stride + MemoryLayout<SIMD8<UInt64>>.stride) }
}
