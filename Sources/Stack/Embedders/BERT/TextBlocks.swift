/// How a batch is cut into blocks, one of which a thread computes at a time.
package enum TextBlocks {
  /// Tokens of a block: enough for each panel of weights to be used many times, few enough for the second-level cache.
  package static let tokens = 256

  /// Blocks of about 256 tokens of whole texts in their order; when there is little to do, about equally many tokens for each
  /// thread.
  ///
  /// - Parameter offsets: text i has the tokens `offsets[i]..<offsets[i + 1]`, at least one.
  /// - Complexity: O(texts).
  package static func cut(offsets: [Int], threads: Int) -> [TextBlock] {
    let total = offsets[offsets.count - 1] - offsets[0]
    var wanted = (total - 1) / tokens + 1
    if wanted < 8 * threads { wanted = (wanted + threads - 1) / threads * threads }
    var blocks: [TextBlock] = []
    var block = TextBlock(texts: 0..<0, starts: [0])
    for text in 0..<offsets.count - 1 {
      let length = offsets[text + 1] - offsets[text]
      let middle = offsets[text] - offsets[0] + length / 2
      if !block.texts.isEmpty,
        middle * wanted > total * (blocks.count + 1) || block.rows + length / 2 > tokens
      {
        blocks.append(block)
        block = TextBlock(texts: text..<text, starts: [0])
      }
      block.starts.append(block.rows + length)
      block.texts = block.texts.lowerBound..<text + 1
    }
    if !block.texts.isEmpty { blocks.append(block) }
    return blocks
  }
}
