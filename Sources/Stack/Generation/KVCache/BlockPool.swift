/// The blocks of the KV memory: who is free, how often each is referred to, and which full ones can be found again.
///
/// A pure value: it knows numbers of blocks, not their bytes. A block is free when no table refers to it; free blocks stand
/// in a list of which the first is taken next: blocks that nobody can find again in front, the others behind in the order
/// in which they were freed, so that the least recently used is lost first.
public struct BlockPool: Sendable {
  public let blockCount: Int
  /// Tokens of one block.
  public let blockSize: Int
  /// Blocks to which no table refers.
  public private(set) var freeCount: Int
  /// Blocks to which more than one table refers.
  public private(set) var sharedCount = 0
  /// Entries of all tables.
  public private(set) var referenceCount = 0
  var references: [Int32]

  /// The list of free blocks, both ways; the place `blockCount` is its head and its tail.
  private var next: [Int32]
  private var previous: [Int32]

  var cache: PrefixCache

  /// - Parameter hashMask: bits of the prefix cache's hashes that count; tests clear some to make different contents
  ///   collide.
  package init(blockCount: Int, blockSize: Int, hashMask: UInt64 = .max) {
    self.blockCount = blockCount
    self.blockSize = blockSize
    freeCount = blockCount
    references = Array(repeating: 0, count: blockCount)
    let end = Int32(blockCount)
    next = Array(1...end + 1)
    next[blockCount] = 0
    previous = Array(-1..<end)
    previous[0] = end
    cache = PrefixCache(blockCount: blockCount, blockSize: blockSize, hashMask: hashMask)
  }

  public var usedCount: Int { blockCount - freeCount }

  /// Entries of tables that need no block of their own, because another refers to the same.
  public var savedCount: Int { referenceCount - usedCount }

  /// How many tables refer to a block.
  public func references(to block: Int32) -> Int { Int(references[Int(block)]) }

  /// The free block whose content is missed least, with one reference; nil if none is free.
  ///
  /// - Complexity: O(1).
  mutating func allocate() -> Int32? {
    let block = next[blockCount]
    guard block != blockCount else { return nil }
    take(block)
    return block
  }

  /// One reference more to a block, which may be a free one that is found again.
  mutating func share(_ block: Int32) {
    let count = references[Int(block)]
    if count == 0 {
      unlink(block)
      cache.wasFound(block)
    }
    if count == 1 { sharedCount += 1 }
    references[Int(block)] = count + 1
    referenceCount += 1
  }

  /// One reference less; the block is free after the last.
  ///
  /// - Returns: whether it is free now.
  @discardableResult mutating func release(_ block: Int32) -> Bool {
    let count = references[Int(block)] - 1
    references[Int(block)] = count
    referenceCount -= 1
    if count == 1 { sharedCount -= 1 }
    guard count == 0 else { return false }
    link(block, after: cache.wasFreed(block) ? previous[blockCount] : Int32(blockCount))
    return true
  }

  /// Makes a free block one with a single reference, and forgets what it held.
  mutating func take(_ block: Int32) {
    unlink(block)
    cache.wasTaken(block)
    references[Int(block)] = 1
    referenceCount += 1
  }

  private mutating func link(_ block: Int32, after other: Int32) {
    let following = next[Int(other)]
    next[Int(block)] = following
    previous[Int(block)] = other
    next[Int(other)] = block
    previous[Int(following)] = block
    freeCount += 1
  }

  private mutating func unlink(_ block: Int32) {
    let (before, after) = (previous[Int(block)], next[Int(block)])
    next[Int(before)] = after
    previous[Int(after)] = before
    freeCount -= 1
  }
}
