/// How an engine runs a model; the names are vLLM's where it has them.
public struct EngineOptions: Sendable, Hashable {
  public var policy = KVPolicy(batching: .paged)
  /// The memory for keys and values.
  public var kvBudget = KVBudget.bytes(256 << 20)
  /// `max_num_seqs`.
  public var maxSequences = 64
  /// `max_num_batched_tokens`.
  public var maxBatchedTokens = 512
  /// `max_model_len`; nil: what the model was trained for.
  public var maxModelLength: Int?
  /// Threads that compute.
  public var threads = 1
  /// What outputs without a seed of their own draw from.
  public var seed: UInt64 = 0
  /// Requests that may wait to be let in; more are kept waiting at the door.
  public var maxWaiting = 1024

  public init() {}
}
