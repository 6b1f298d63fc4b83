/// Full blocks found again by what they hold.
extension BlockPool {
  /// Free blocks that can be found again.
  public var cachedCount: Int { cache.freeCount }

  /// The block that holds these tokens behind all that `parent` and the blocks before it hold (nil: at the beginning), in
  /// use or free. It is not taken yet: see `share`.
  ///
  /// - Complexity: O(`blockSize`).
  func cached(_ tokens: ArraySlice<Int32>, after parent: Int32?) -> Int32? {
    cache.find(tokens, after: parent.map { cache.identities[Int($0)] } ?? 0)
  }

  /// Lets a full block, which nobody writes to any more, be found by its tokens behind `parent`, which has been remembered
  /// before.
  ///
  /// - Complexity: O(`blockSize`).
  mutating func remember(_ block: Int32, tokens: ArraySlice<Int32>, after parent: Int32?) {
    cache.insert(block, tokens, after: parent.map { cache.identities[Int($0)] } ?? 0)
  }

  /// Finds nothing again that has been remembered so far.
  mutating func forgetAll() { cache.removeAll() }
}
