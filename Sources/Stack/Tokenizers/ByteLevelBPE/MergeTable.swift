/// Which two tokens become which, and how early: an open hash table over pairs of ids.
struct MergeTable: Sendable {
  struct Merge: Sendable {
    /// Smaller merges first.
    var rank: Int32
    var result: Int32
  }

  private var keys: [UInt64]
  private var merges: [Merge]
  private static let empty = UInt64.max

  /// - Parameter capacity: merges that will be added.
  init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    keys = [UInt64](repeating: Self.empty, count: size)
    merges = [Merge](repeating: Merge(rank: 0, result: 0), count: size)
  }

  @inline(__always)
  private func place(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & (keys.count - 1)
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  /// The first of two merges of one pair stays.
  mutating func add(_ left: Int32, _ right: Int32, rank: Int32, result: Int32) {
    let key = Self.key(left, right)
    var slot = place(key)
    while keys[slot] != Self.empty {
      if keys[slot] == key { return }
      slot = (slot + 1) & (keys.count - 1)
    }
    keys[slot] = key
    merges[slot] = Merge(rank: rank, result: result)
  }

  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> Merge? {
    let key = Self.key(left, right)
    var slot = place(key)
    while keys[slot] != Self.empty {
      if keys[slot] == key { return merges[slot] }
      slot = (slot + 1) & (keys.count - 1)
    }
    return nil
  }
}
