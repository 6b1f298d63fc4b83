/// Which full block holds which prefix.
///
/// A block's content is its tokens and all before them. Every content that is remembered has a number of its own, its
/// identity. A block's hash is made of its parent's identity and its own tokens, as vLLM's is of the parent's hash and the
/// tokens, so that a chain of blocks stands for a whole prefix; and a hit counts only if parent and tokens are the same in
/// truth, so that a collision costs a miss and never a wrong answer.
///
/// A table that holds a child holds its parent, and is released from its end. So parents outlive their children among the
/// free blocks, of which the least recently used is lost first, and no child is left that cannot be reached.
struct PrefixCache: Sendable {
  /// Of each block that is full the number of its content; 0 of others.
  private(set) var identities: [UInt64]
  /// Whether a block is the one by which its content is found: another may hold the same, computed in the same step.
  private var isFindable: [Bool]
  /// Free blocks that can be found.
  private(set) var freeCount = 0
  private var blocks: [UInt64: Int32] = [:]
  private var hashes: [UInt64]
  private var parents: [UInt64]
  /// `blockCount × blockSize`: what findable blocks hold; empty until there is one.
  private var tokens: [Int32] = []
  private var lastIdentity: UInt64 = 0
  private let blockSize: Int
  private let hashMask: UInt64

  init(blockCount: Int, blockSize: Int, hashMask: UInt64) {
    self.blockSize = blockSize
    self.hashMask = hashMask
    identities = Array(repeating: 0, count: blockCount)
    isFindable = Array(repeating: false, count: blockCount)
    hashes = identities
    parents = identities
  }

  /// The block that holds these tokens behind the content `parent`, 0 for the beginning.
  func find(_ wanted: ArraySlice<Int32>, after parent: UInt64) -> Int32? {
    find(wanted, after: parent, hash: hash(wanted, after: parent))
  }

  private func find(_ wanted: ArraySlice<Int32>, after parent: UInt64, hash: UInt64) -> Int32? {
    guard let block = blocks[hash], parents[Int(block)] == parent else { return nil }
    let start = Int(block) * blockSize
    return tokens[start..<start + blockSize].elementsEqual(wanted) ? block : nil
  }

  mutating func insert(_ block: Int32, _ content: ArraySlice<Int32>, after parent: UInt64) {
    let place = Int(block)
    let hash = hash(content, after: parent)
    if let same = find(content, after: parent, hash: hash) {
      identities[place] = identities[Int(same)]
      return
    }
    lastIdentity += 1
    identities[place] = lastIdentity
    guard blocks[hash] == nil else { return }
    if tokens.isEmpty { tokens = Array(repeating: 0, count: identities.count * blockSize) }
    tokens.replaceSubrange(place * blockSize..<(place + 1) * blockSize, with: content)
    blocks[hash] = block
    hashes[place] = hash
    parents[place] = parent
    isFindable[place] = true
  }

  /// A block has become free.
  ///
  /// - Returns: whether it can be found again; otherwise its content is forgotten.
  mutating func wasFreed(_ block: Int32) -> Bool {
    guard isFindable[Int(block)] else {
      identities[Int(block)] = 0
      return false
    }
    freeCount += 1
    return true
  }

  /// A free block is used again for what it holds.
  mutating func wasFound(_ block: Int32) { freeCount -= 1 }

  /// A free block is used again for something else.
  mutating func wasTaken(_ block: Int32) {
    guard isFindable[Int(block)] else { return }
    freeCount -= 1
    blocks[hashes[Int(block)]] = nil
    isFindable[Int(block)] = false
    identities[Int(block)] = 0
  }

  /// Finds nothing again that it could find.
  mutating func removeAll() {
    self = PrefixCache(blockCount: identities.count, blockSize: blockSize, hashMask: hashMask)
  }

  /// Multiplications folded (after Wang Yi's wyhash); tokens are compared anyway.
  private func hash(_ tokens: ArraySlice<Int32>, after parent: UInt64) -> UInt64 {
    var state = parent &+ 0x9E37_79B9_7F4A_7C15
    for token in tokens {
      let product = (state ^ UInt64(UInt32(bitPattern: token))).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
      state = (product.high ^ product.low) &+ 0x9E37_79B9_7F4A_7C15
    }
    return state & hashMask
  }
}
