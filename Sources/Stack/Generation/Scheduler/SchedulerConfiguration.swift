/// What bounds a step and the memory behind it; the names are vLLM's.
public struct SchedulerConfiguration: Sendable, Hashable {
  public var policy: KVPolicy
  /// The KV budget, in blocks of `policy.blockSize` tokens.
  public var blockCount: Int
  /// `max_num_batched_tokens`: tokens of one step, prompts and outputs together.
  public var maxBatchedTokens: Int
  /// `max_num_seqs`: sequences that run at once.
  public var maxSequences: Int
  /// `max_model_len`: prompt and output of one sequence together.
  public var maxModelLength: Int

  public init(
    policy: KVPolicy, blockCount: Int, maxBatchedTokens: Int = 2048, maxSequences: Int = 256, maxModelLength: Int
  ) {
    self.policy = policy
    self.blockCount = blockCount
    self.maxBatchedTokens = maxBatchedTokens
    self.maxSequences = maxSequences
    self.maxModelLength = maxModelLength
  }
}
