import Kernels

/// A float with its bits arranged so that unsigned comparison is float comparison.
@inline(__always)
func orderedBits(_ value: Float) -> UInt32 {
  let bits = value.bitPattern
  return bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) &>> 31) | 0x8000_0000)
}

@inline(__always)
func floatFromOrderedBits(_ ordered: UInt32) -> Float {
  let sign = UInt32(bitPattern: Int32(bitPattern: ~ordered) &>> 31)
  return Float(bitPattern: ordered ^ (sign | 0x8000_0000))
}

/// A candidate in 64 bits: ordered distance, row, and whether its links were followed. Comparing candidates compares
/// distances, then rows.
struct Candidate {
  var key: UInt64

  @inline(__always)
  init(distance: Float, row: Int32) {
    key = UInt64(orderedBits(distance)) &<< 32 | UInt64(UInt32(bitPattern: row) &<< 1)
  }

  @inline(__always)
  init(key: UInt64) { self.key = key }

  @inline(__always)
  var row: Int32 { Int32(truncatingIfNeeded: (key & 0xffff_ffff) &>> 1) }
  @inline(__always)
  var distance: Float { floatFromOrderedBits(UInt32(truncatingIfNeeded: key &>> 32)) }
  @inline(__always)
  var isExpanded: Bool { key & 1 != 0 }
}

/// The best candidates of a beam search, sorted, in memory that someone else owns.
///
/// One sorted array serves as both of the heaps of Malkov and Yashunin's algorithm 2: its first unexpanded entry is the
/// nearest candidate, its last the worst result.
struct CandidatePool {
  let keys: UnsafeMutablePointer<UInt64>
  private(set) var capacity: Int
  private(set) var count = 0
  /// Every entry before this one is expanded.
  private(set) var cursor = 0

  @inline(__always)
  init(keys: UnsafeMutablePointer<UInt64>, capacity: Int) {
    self.keys = keys
    self.capacity = capacity
  }

  @inline(__always)
  subscript(index: Int) -> Candidate { Candidate(key: keys[index]) }

  /// The same pool with room for more candidates than it holds; its memory must have it.
  func growing(by extra: Int) -> CandidatePool {
    var pool = self
    pool.capacity = count &+ extra
    return pool
  }

  var isFull: Bool { count == capacity }

  /// Keeps `candidate` if it is better than the worst of a full pool.
  ///
  /// - Complexity: O(capacity), a binary search and one move of memory.
  @inline(__always)
  mutating func insert(_ candidate: Candidate) {
    let key = candidate.key
    if count == capacity {
      if key >= keys[count &- 1] { return }
    } else {
      count &+= 1
    }
    var low = 0
    var length = count &- 1
    while length > 0 {
      let half = length &>> 1
      if keys[low &+ half] < key {
        low = low &+ half &+ 1
        length = length &- half &- 1
      } else {
        length = half
      }
    }
    var place = count &- 1
    while place > low {
      keys[place] = keys[place &- 1]
      place &-= 1
    }
    keys[low] = key
    if low < cursor { cursor = low }
  }

  /// Makes room for `insertAll`: every place that is not in use holds the largest key.
  @inline(__always)
  mutating func clear() {
    keys.update(repeating: .max, count: (capacity &+ 7) & ~7)
    count = 0
    cursor = 0
  }

  /// Keeps those candidates that are better than the worst of a full pool, by the kernel of that name; the pool was
  /// cleared and only this inserts into it.
  ///
  /// - Complexity: O(n + kept · capacity / 8).
  @inline(__always)
  mutating func insertAll(
    _ rows: UnsafePointer<Int32>, _ scores: UnsafePointer<Float>, _ n: Int, kernel: KernelTable.PoolInsert
  ) {
    let lowest = kernel(keys, capacity, scores, rows, n)
    if lowest < cursor { cursor = lowest }
    while count < capacity && keys[count] != .max { count &+= 1 }
  }

  /// The nearest candidate whose links were not followed yet, marked as followed.
  @inline(__always)
  mutating func expandNearest() -> Candidate? {
    guard cursor < count else { return nil }
    let key = keys[cursor]
    keys[cursor] = key | 1
    repeat { cursor &+= 1 } while cursor < count && keys[cursor] & 1 != 0
    return Candidate(key: key)
  }
}

/// A binary min-heap of candidates in memory that someone else owns, large enough for all that is ever pushed.
struct CandidateHeap {
  let keys: UnsafeMutablePointer<UInt64>
  private(set) var count = 0

  init(keys: UnsafeMutablePointer<UInt64>) { self.keys = keys }

  /// - Complexity: O(log count).
  mutating func push(_ candidate: Candidate) {
    var place = count
    count += 1
    while place > 0 {
      let parent = (place - 1) / 2
      if keys[parent] <= candidate.key { break }
      keys[place] = keys[parent]
      place = parent
    }
    keys[place] = candidate.key
  }

  /// - Complexity: O(log count).
  mutating func pop() -> Candidate? {
    guard count > 0 else { return nil }
    let nearest = keys[0]
    count -= 1
    let moved = keys[count]
    var place = 0
    while 2 * place + 1 < count {
      var child = 2 * place + 1
      if child + 1 < count && keys[child + 1] < keys[child] { child += 1 }
      if keys[child] >= moved { break }
      keys[place] = keys[child]
      place = child
    }
    keys[place] = moved
    return Candidate(key: nearest)
  }
}
