/// What a mix of requests takes of a KV memory, each at its largest.
public struct KVMix: Sendable, Equatable {
  public var requests: Int
  /// Mean blocks of a request at its largest; and of them those of its prompt that all its outputs refer to, and those
  /// that were copied from its prompt's tail.
  public var blocks: Double
  public var sharedBlocks: Double
  public var copiedBlocks: Double
  /// Mean blocks that sharing spares a request.
  public var sparedBlocks: Double
  /// Mean blocks of a request over its tokens: it holds fewer at first.
  public var meanBlocks: Double
  /// Requests under way that surely fit, for each may be at its largest; and those that fit on average. Between the two a
  /// server begins to preempt.
  public var surelyFit: Double
  public var fitOnAverage: Double
  /// Bytes of a request's blocks at its largest; nil: the model's shape is not known.
  public var bytes: Double?
}

extension KVForecast {
  /// - Parameter requests: prompts, and the lengths that their outputs come to, at least one each.
  /// - Returns: nil for no requests.
  /// - Complexity: O(requests · outputs · log outputs + blocks).
  public func mix(of requests: [(prompt: Int, lengths: [Int])]) -> KVMix? {
    guard !requests.isEmpty else { return nil }
    let count = Double(requests.count)
    func mean(_ value: ((prompt: Int, lengths: [Int])) -> Double) -> Double {
      requests.reduce(0) { $0 + value($1) } / count
    }
    let blocks = mean { Double(peakBlocks(prompt: $0.prompt, lengths: $0.lengths)) }
    // A request counts for as long as it takes.
    let spans = requests.map { Double($0.lengths.max() ?? 0) }
    let held = requests.reduce(0) { $0 + tokenBlocks(prompt: $1.prompt, lengths: $1.lengths) }
    let meanBlocks = held / max(1, spans.reduce(0, +))
    return KVMix(
      requests: requests.count, blocks: blocks,
      sharedBlocks: mean { Double(sharedBlocks(prompt: $0.prompt, outputs: $0.lengths.count)) },
      copiedBlocks: mean { Double(copiedBlocks(prompt: $0.prompt, outputs: $0.lengths.count)) },
      sparedBlocks: mean { Double(sparedBlocks(prompt: $0.prompt, outputs: $0.lengths.count)) },
      meanBlocks: meanBlocks, surelyFit: Double(blockCount) / max(1, blocks),
      fitOnAverage: Double(blockCount) / max(1, meanBlocks), bytes: blockBytes.map { blocks * Double($0) })
  }

  /// Blocks held, summed over the tokens that the longest output comes to.
  private func tokenBlocks(prompt: Int, lengths: [Int]) -> Double {
    let shared = sharedBlocks(prompt: prompt, outputs: lengths.count)
    var sum = shared * (lengths.max() ?? 0)
    for length in lengths {
      // Of each block behind the shared ones, the tokens for which it is held.
      let most = blocks(forSlots: prompt + length - 1)
      for block in shared..<max(shared, most) { sum += length - max(0, block * blockSize - prompt + 1) }
    }
    // While the prompt is computed its tail is one for all.
    if sharing == .copyOnWrite, lengths.count > 1, prompt % blockSize != 0 { sum -= lengths.count - 1 }
    return Double(sum)
  }
}
