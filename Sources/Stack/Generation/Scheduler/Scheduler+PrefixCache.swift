extension Scheduler {
  /// How many of the blocks that a sequence needs next the prefix cache holds, and how many of them are free. At least one
  /// token is left to compute.
  func findCached(_ slot: Int) -> (blocks: Int, free: Int) {
    guard configuration.policy.prefixCache else { return (0, 0) }
    var found = (blocks: 0, free: 0)
    var parent: Int32?
    var tokens: [Int32] = []
    var position = 0
    while position + pool.blockSize < sequences[slot].target {
      tokens.removeAll(keepingCapacity: true)
      appendTokens(of: slot, position..<position + pool.blockSize, to: &tokens)
      guard let block = pool.cached(tokens[...], after: parent) else { break }
      found.blocks += 1
      if pool.references(to: block) == 0 { found.free += 1 }
      parent = block
      position += pool.blockSize
    }
    return found
  }

  /// Lets the table of a sequence go on with blocks that the prefix cache holds, as far as it can.
  mutating func takeCached(_ slot: Int) {
    guard configuration.policy.prefixCache else { return }
    let blockSize = pool.blockSize
    let row = sequences[slot].row
    var tokens: [Int32] = []
    swap(&tokens, &blockTokens)
    defer { swap(&tokens, &blockTokens) }
    var position = Int(sequences[slot].computed) / blockSize * blockSize
    while position + blockSize < sequences[slot].target {
      tokens.removeAll(keepingCapacity: true)
      appendTokens(of: slot, position..<position + blockSize, to: &tokens)
      let parent = position == 0 ? nil : tables[row, position / blockSize - 1]
      guard let block = pool.cached(tokens[...], after: parent) else { break }
      if pool.references(to: block) == 0 { counting.tokensStored += blockSize }
      pool.share(block)
      if position < sequences[slot].capacity {
        // The copy of a prompt's tail that the sequence was to share, with more tokens of its own.
        let tail = tables[row, position / blockSize]
        if pool.release(tail) { counting.tokensStored -= Int(sequences[slot].computed) - position }
        tables[row, position / blockSize] = block
        sequences[slot].hasSharedTail = false
      } else {
        tables.append(block, to: row)
        sequences[slot].capacity += Int32(blockSize)
      }
      counting.cachedPromptTokens += position + blockSize - Int(sequences[slot].computed)
      position += blockSize
      sequences[slot].computed = Int32(position)
      sequences[slot].boundary = Int32(position + blockSize)
      sequences[slot].reservedAt = totals.steps
    }
  }

  /// Blocks that the step just done has filled can be found from now on.
  mutating func rememberBlocks(_ slot: Int) {
    let blockSize = pool.blockSize
    let row = sequences[slot].row
    // Lent for the while: to append to a property of self would copy all the others.
    var tokens: [Int32] = []
    swap(&tokens, &blockTokens)
    defer { swap(&tokens, &blockTokens) }
    while sequences[slot].boundary <= sequences[slot].computed {
      let end = Int(sequences[slot].boundary)
      let place = end / blockSize - 1
      tokens.removeAll(keepingCapacity: true)
      appendTokens(of: slot, end - blockSize..<end, to: &tokens)
      pool.remember(
        tables[row, place], tokens: tokens[...], after: place == 0 ? nil : tables[row, place - 1])
      sequences[slot].boundary = Int32(end + blockSize)
    }
  }
}
