/// Merges the bytes of one word, best rank first and leftmost among equals (Sennrich et al. 2016), in O(n log n).
struct WordMerger {
  private let table: MergeTable
  private let byteIDs: [Int32]
  private var symbols: [Symbol] = []
  private var queue = CandidateQueue()

  private struct Symbol {
    /// −1 once it was merged into the one before it.
    var id: Int32
    var start: Int32
    var previous: Int32
    var next: Int32
  }

  init(table: MergeTable, byteIDs: [Int32]) {
    self.table = table
    self.byteIDs = byteIDs
  }

  /// Hands out the tokens of a word in order, with their offsets in it.
  mutating func merge(_ word: UnsafeBufferPointer<UInt8>, _ token: (Int32, Range<Int>) -> Void) {
    symbols.removeAll(keepingCapacity: true)
    for (index, byte) in word.enumerated() where byteIDs[Int(byte)] >= 0 {
      let place = Int32(symbols.count)
      symbols.append(Symbol(id: byteIDs[Int(byte)], start: Int32(index), previous: place - 1, next: place + 1))
    }
    guard !symbols.isEmpty else { return }
    symbols[symbols.count - 1].next = -1
    queue.clear()
    for index in 0..<symbols.count - 1 { consider(Int32(index)) }
    while let candidate = queue.popFirst() {
      let left = symbols[Int(candidate.left)]
      guard left.id >= 0, left.next >= 0 else { continue }
      let right = symbols[Int(left.next)]
      // A candidate is stale once either side has changed.
      guard let merge = table.merge(left.id, right.id), merge.rank == candidate.rank else { continue }
      symbols[Int(candidate.left)].id = merge.result
      symbols[Int(candidate.left)].next = right.next
      symbols[Int(left.next)].id = -1
      if right.next >= 0 { symbols[Int(right.next)].previous = candidate.left }
      if left.previous >= 0 { consider(left.previous) }
      consider(candidate.left)
    }
    var index: Int32 = 0
    while index >= 0 {
      let symbol = symbols[Int(index)]
      let end = symbol.next >= 0 ? Int(symbols[Int(symbol.next)].start) : word.count
      token(symbol.id, Int(symbol.start)..<end)
      index = symbol.next
    }
  }

  private mutating func consider(_ left: Int32) {
    let symbol = symbols[Int(left)]
    guard symbol.next >= 0, let merge = table.merge(symbol.id, symbols[Int(symbol.next)].id) else { return }
    queue.push(rank: merge.rank, left: left)
  }
}

/// A binary heap of possible merges, smallest rank and then leftmost on top.
private struct CandidateQueue {
  private var keys: [UInt64] = []

  mutating func clear() { keys.removeAll(keepingCapacity: true) }

  mutating func push(rank: Int32, left: Int32) {
    keys.append(UInt64(UInt32(bitPattern: rank)) << 32 | UInt64(UInt32(bitPattern: left)))
    var child = keys.count - 1
    while child > 0, keys[child] < keys[(child - 1) / 2] {
      keys.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> (rank: Int32, left: Int32)? {
    guard let first = keys.first, let last = keys.popLast() else { return nil }
    if !keys.isEmpty {
      keys[0] = last
      var parent = 0
      while true {
        var child = parent * 2 + 1
        guard child < keys.count else { break }
        if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
        guard keys[child] < keys[parent] else { break }
        keys.swapAt(parent, child)
        parent = child
      }
    }
    return (Int32(truncatingIfNeeded: first >> 32), Int32(truncatingIfNeeded: first))
  }
}
