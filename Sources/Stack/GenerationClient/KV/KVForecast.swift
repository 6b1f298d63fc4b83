/// How many KV blocks requests take on a server, now and later.
///
/// A server that has given t tokens of an output computes the next from the prompt and these t, whose keys and values it
/// holds then: prompt + t slots, rounded up to blocks. An output of L tokens so comes to prompt + L - 1 slots; its last token
/// is never computed further.
public struct KVForecast: Sendable, Hashable {
  /// What the n outputs of a request have in common.
  public enum Sharing: String, Sendable, Hashable, CaseIterable {
    /// All of the prompt: its last block, if it is not full, is copied when an output is written into it (ragmeter's
    /// `paged`; vLLM before 1.0).
    case copyOnWrite
    /// Full blocks that the prefix cache finds again, of which it leaves at least one token to compute: n outputs are n
    /// requests that find each other's prompt (vLLM V1).
    case prefixCache
    /// Nothing: every output holds the prompt for itself (TGI of 2023, llama.cpp's slots).
    case none
  }

  /// Tokens of one block.
  public var blockSize: Int
  public var blockCount: Int
  public var sharing: Sharing
  /// Of keys and values of all layers; nil: the model's shape is not known.
  public var blockBytes: Int?

  /// - Precondition: sizes and counts are above 0.
  public init(blockSize: Int, blockCount: Int, sharing: Sharing, blockBytes: Int? = nil) {
    precondition(blockSize > 0 && blockCount > 0, "a KV memory has blocks, and blocks have tokens")
    self.blockSize = blockSize
    self.blockCount = blockCount
    self.sharing = sharing
    self.blockBytes = blockBytes
  }

  /// For the memory that a server tells of; nil where blocks do not grow with outputs.
  public init?(_ configuration: KVCacheConfiguration, blockBytes: Int? = nil) {
    guard let sharing = configuration.sharing else { return nil }
    self.init(
      blockSize: configuration.blockSize, blockCount: configuration.blockCount, sharing: sharing,
      blockBytes: blockBytes)
  }

  /// Bytes of a block of a decoder: keys and values of every layer.
  ///
  /// - Parameter numberBytes: of one element: 2 for half precision.
  public static func blockBytes(
    blockSize: Int, layers: Int, keyValueHeads: Int, headDimension: Int, numberBytes: Int
  ) -> Int {
    2 * layers * keyValueHeads * headDimension * numberBytes * blockSize
  }

  public func blocks(forSlots slots: Int) -> Int { (slots + blockSize - 1) / blockSize }

  /// Blocks of a prompt that all outputs of a request refer to.
  public func sharedBlocks(prompt: Int, outputs: Int) -> Int {
    guard outputs > 1 else { return 0 }
    switch sharing {
    case .copyOnWrite: return prompt / blockSize
    case .prefixCache: return max(0, prompt - 1) / blockSize
    case .none: return 0
    }
  }

  /// Blocks that a request holds while its next tokens are computed.
  ///
  /// - Parameters:
  ///   - outputs: how many were asked for.
  ///   - tokens: of each output that is unfinished, the tokens that have come; 0: its prompt is being computed.
  public func blocks(prompt: Int, outputs: Int, tokens: [Int]) -> Int {
    guard !tokens.isEmpty else { return 0 }
    let shared = sharedBlocks(prompt: prompt, outputs: outputs)
    // Until the first token comes, a prompt's tail is one for all.
    if sharing == .copyOnWrite, tokens.allSatisfy({ $0 == 0 }) { return blocks(forSlots: prompt) }
    return tokens.reduce(shared) { $0 + blocks(forSlots: prompt + $1) - shared }
  }

  /// Blocks of the most that a request comes to hold, if its outputs grow side by side to these lengths.
  public func peakBlocks(prompt: Int, lengths: [Int]) -> Int {
    var peak = blocks(prompt: prompt, outputs: lengths.count, tokens: lengths.map { _ in 0 })
    // The most is held when one of them is about to end.
    for length in Set(lengths) where length > 0 {
      let standing = lengths.count { $0 >= length }
      let tokens = Array(repeating: length - 1, count: standing)
      peak = max(peak, blocks(prompt: prompt, outputs: lengths.count, tokens: tokens))
    }
    return peak
  }

  /// Blocks that copying the prompt's tail costs a request: one an output but the last to write.
  public func copiedBlocks(prompt: Int, outputs: Int) -> Int {
    sharing == .copyOnWrite && outputs > 1 && prompt % blockSize != 0 ? outputs - 1 : 0
  }

  /// Blocks that sharing spares a request, beside outputs that each hold their prompt.
  public func sparedBlocks(prompt: Int, outputs: Int) -> Int {
    sharedBlocks(prompt: prompt, outputs: outputs) * (outputs - 1)
  }

  /// How many such requests run side by side before the memory is full, at their largest.
  public func concurrency(prompt: Int, lengths: [Int]) -> Double {
    Double(blockCount) / Double(peakBlocks(prompt: prompt, lengths: lengths))
  }

  public func bytes(ofBlocks blocks: Int) -> Int? { blockBytes.map { $0 * blocks } }
}
