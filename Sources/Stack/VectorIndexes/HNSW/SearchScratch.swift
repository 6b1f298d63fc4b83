import Glibc

/// Working memory of one search or one inserting thread: trivial pointers that grow and are reused.
struct SearchScratch {
  /// One bit a row, all zero between searches.
  private(set) var visited: UnsafeMutablePointer<UInt64>
  /// Rows whose bit is set, in the order they were met; the last ones are the batch being scored.
  private(set) var touched: UnsafeMutablePointer<Int32>
  private(set) var touchedCount = 0
  private var rowCapacity = 0

  /// Keys of the beam, after a block of zeros, and, where candidates are not all results, of the results.
  private(set) var keys: UnsafeMutablePointer<UInt64>
  private(set) var resultKeys: UnsafeMutablePointer<UInt64>
  /// Rows and distances of a list of candidates.
  private(set) var rows: UnsafeMutablePointer<Int32>
  private(set) var scores: UnsafeMutablePointer<Float>
  private var beamCapacity = 0

  /// Keys of every row that a restricted search has yet to expand.
  private(set) var frontier: UnsafeMutablePointer<UInt64>
  private var frontierCapacity = 0

  /// Slots of `slotStride` bytes in which scorers keep their queries.
  private(set) var slots: UnsafeMutableRawPointer
  private(set) var slotStride = 0
  private var slotCount = 0

  /// Distances computed and nodes expanded since `begin`.
  var statistics = SearchStatistics()

  init() {
    visited = Self.allocate(0)
    touched = Self.allocate(0)
    keys = Self.allocateKeys(0)
    resultKeys = Self.allocate(0)
    rows = Self.allocate(0)
    scores = Self.allocate(0)
    frontier = Self.allocate(0)
    slots = UnsafeMutableRawPointer(Self.allocate(0) as UnsafeMutablePointer<UInt8>)
  }

  func deallocate() {
    free(visited)
    free(touched)
    free(keys - 8)
    free(resultKeys)
    free(rows)
    free(scores)
    free(frontier)
    free(slots)
  }

  /// Makes room for a graph of `rowCount` rows, lists of `beam` candidates and `slotCount` queries.
  @inline(__always)
  mutating func reserve(rowCount: Int, beam: Int, slotBytes: Int, slotCount: Int) {
    if rowCount > rowCapacity || beam > beamCapacity || slotBytes > slotStride || slotCount > self.slotCount {
      grow(rowCount: rowCount, beam: beam, slotBytes: slotBytes, slotCount: slotCount)
    }
    statistics = SearchStatistics()
  }

  @inline(never)
  private mutating func grow(rowCount: Int, beam: Int, slotBytes: Int, slotCount: Int) {
    if rowCount > rowCapacity {
      rowCapacity = rowCount + rowCount / 4
      free(visited)
      free(touched)
      visited = Self.allocate(rowCapacity / 64 + 1)
      visited.update(repeating: 0, count: rowCapacity / 64 + 1)
      touched = Self.allocate(rowCapacity + 1)
    }
    if beam > beamCapacity {
      beamCapacity = beam + beam / 4
      free(keys - 8)
      free(resultKeys)
      free(rows)
      free(scores)
      keys = Self.allocateKeys(beamCapacity)
      resultKeys = Self.allocate(beamCapacity)
      rows = Self.allocate(beamCapacity)
      scores = Self.allocate(beamCapacity)
    }
    if slotBytes > slotStride || slotCount > self.slotCount {
      slotStride = max(slotStride, (slotBytes + 63) & ~63)
      self.slotCount = max(self.slotCount, slotCount)
      free(slots)
      slots = UnsafeMutableRawPointer(Self.allocate(slotStride * self.slotCount) as UnsafeMutablePointer<UInt8>)
    }
  }

  /// Makes room for a frontier of every row.
  mutating func reserveFrontier(rowCount: Int) {
    if rowCount <= frontierCapacity { return }
    frontierCapacity = rowCount + rowCount / 4
    free(frontier)
    frontier = Self.allocate(frontierCapacity)
  }

  @inline(__always)
  func slot(_ index: Int) -> UnsafeMutableRawPointer { slots + index &* slotStride }

  /// Marks a row as visited; false if it was already.
  @inline(__always)
  mutating func visit(_ row: Int32) -> Bool {
    let word = Int(row) &>> 6
    let bit: UInt64 = 1 &<< UInt64(row & 63)
    if visited[word] & bit != 0 { return false }
    visited[word] |= bit
    touched[touchedCount] = row
    touchedCount &+= 1
    return true
  }

  /// Marks the unvisited rows of a list that ends at −1 or after `width` places.
  /// - Returns: those rows, as the last of `touched`.
  @inline(__always)
  mutating func visitAll(_ list: UnsafePointer<Int32>, width: Int) -> UnsafeBufferPointer<Int32> {
    let start = touched + touchedCount
    let visited = visited
    var count = 0
    for i in 0..<width {
      let row = list[i]
      if row < 0 { break }
      let word = Int(row) &>> 6
      let bits = visited[word]
      let bit: UInt64 = 1 &<< UInt64(row & 63)
      // Written always and counted only if new: a branch here would be a coin toss.
      start[count] = row
      count &+= bits & bit == 0 ? 1 : 0
      visited[word] = bits | bit
    }
    touchedCount &+= count
    return UnsafeBufferPointer(start: start, count: count)
  }

  /// Makes every row unvisited again.
  @inline(__always)
  mutating func clearVisited(rowCount: Int) {
    if touchedCount &<< 3 < rowCount &>> 6 {
      for i in 0..<touchedCount { visited[Int(touched[i]) &>> 6] = 0 }
    } else {
      visited.update(repeating: 0, count: rowCount / 64 + 1)
    }
    touchedCount = 0
  }

  /// What the kernel that inserts into a pool asks for: a block of zeros before the keys, whole blocks after.
  private static func allocateKeys(_ count: Int) -> UnsafeMutablePointer<UInt64> {
    let memory: UnsafeMutablePointer<UInt64> = allocate(count + 16)
    memory.update(repeating: 0, count: 8)
    return memory + 8
  }

  private static func allocate<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
    let bytes = (count * MemoryLayout<Element>.stride + 256 + 63) & ~63
    guard let memory = aligned_alloc(64, bytes) else { fatalError("out of memory: \(bytes) bytes to search with") }
    return memory.bindMemory(to: Element.self, capacity: count)
  }
}
