/// Collects the k nearest of any number of (distance, row) pairs; equal distances are ordered by the smaller row.
///
/// A handle on memory that the caller owns and keeps alive: one search's scratch holds one, a batch carves one a query out
/// of a single block. Copies share that memory. Pairs are kept as one integer, ordered distance bits above the row, in a
/// binary heap with the worst on top; empty places hold the largest integer.
package struct TopK {
  /// Room for `capacity` pairs.
  @usableFromInline let keys: UnsafeMutablePointer<UInt64>
  /// The number of pairs kept, at most the capacity.
  package private(set) var k: Int
  package let capacity: Int
  /// No pair with a larger distance is taken: the k-th distance so far, infinity before there are k.
  package private(set) var threshold: Float

  @usableFromInline static let empty = UInt64.max

  /// - Parameters:
  ///   - keys: memory for `capacity` keys, initialised by this call.
  ///   - capacity: the largest k; `reset` may ask for less.
  package init(keys: UnsafeMutablePointer<UInt64>, capacity: Int) {
    self.keys = keys
    self.capacity = max(0, capacity)
    k = 0
    threshold = 0
    reset(k: capacity)
  }

  /// Forgets everything and keeps the best `k` from now on, limited to the capacity. O(k).
  package mutating func reset(k: Int) {
    self.k = min(max(0, k), capacity)
    keys.update(repeating: Self.empty, count: self.k)
    threshold = self.k == 0 ? -.infinity : .infinity
  }

  /// The bound for `selectBelow` that lets pass all that `push` may take, in whatever order rows are scanned. A scan in
  /// rising order of rows may use `threshold` itself once there are k pairs.
  package var selectionBound: Float { threshold.nextUp }

  /// Takes the pair if it belongs among the k nearest; NaN never does. O(log k) when taken.
  @inlinable
  package mutating func push(_ distance: Float, row: Int32) {
    if distance <= threshold { insert(Self.key(distance, row)) }
  }

  /// Takes `count` pairs, as `selectBelow` leaves them.
  @inlinable
  package mutating func push(
    _ distances: UnsafePointer<Float>, rows: UnsafePointer<Int32>, count: Int
  ) {
    for index in 0..<count { push(distances[index], row: rows[index]) }
  }

  /// Takes what another collector holds.
  package mutating func merge(_ other: TopK) {
    for index in 0..<other.k where other.keys[index] != Self.empty { insert(other.keys[index]) }
  }

  /// Sorts nearest first and returns the number of pairs found; read them with `distance(at:)` and `row(at:)`. Only `reset`
  /// may follow. O(k log k), in place.
  package mutating func finish() -> Int {
    var end = k - 1
    while end > 0 {
      let last = keys[end]
      keys[end] = keys[0]
      siftDown(last, count: end)
      end -= 1
    }
    var count = k
    while count > 0, keys[count - 1] == Self.empty { count -= 1 }
    return count
  }

  @inlinable
  package func distance(at index: Int) -> Float { Self.distance(of: keys[index]) }

  @inlinable
  package func row(at index: Int) -> Int32 { Int32(truncatingIfNeeded: keys[index]) }

  /// Float bits made to order like unsigned integers; −0 becomes +0, which it equals.
  @inlinable
  static func key(_ distance: Float, _ row: Int32) -> UInt64 {
    let bits = (distance + 0).bitPattern
    let ordered = bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | 0x8000_0000)
    return UInt64(ordered) << 32 | UInt64(UInt32(bitPattern: row))
  }

  @inlinable
  static func distance(of key: UInt64) -> Float {
    let ordered = UInt32(truncatingIfNeeded: key >> 32)
    return Float(bitPattern: ordered & 0x8000_0000 != 0 ? ordered ^ 0x8000_0000 : ~ordered)
  }

  @usableFromInline
  mutating func insert(_ key: UInt64) {
    guard k > 0, key < keys[0] else { return }
    siftDown(key, count: k)
    if keys[0] != Self.empty { threshold = Self.distance(of: keys[0]) }
  }

  /// Puts `key` in the place of the root of the first `count` keys.
  private func siftDown(_ key: UInt64, count: Int) {
    var hole = 0
    while true {
      var child = 2 * hole + 1
      if child >= count { break }
      if child + 1 < count, keys[child + 1] > keys[child] { child += 1 }
      if keys[child] <= key { break }
      keys[hole] = keys[child]
      hole = child
    }
    keys[hole] = key
  }
}
