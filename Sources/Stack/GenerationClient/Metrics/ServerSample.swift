/// What a server's `/metrics` said at one moment; nil: it does not tell.
public struct ServerSample: Sendable, Equatable {
  /// Nanoseconds of `CLOCK_MONOTONIC_RAW`: the middle of the request for it.
  public var time: UInt64
  /// Share of KV blocks in use, 0...1.
  public var kvUsage: Double?
  public var running: Double?
  public var waiting: Double?
  /// Counters since the server began.
  public var preemptions: Double?
  /// Tokens of prompts (older servers: blocks of them) that the prefix cache was asked for, and those that it held.
  public var prefixCacheQueries: Double?
  public var prefixCacheHits: Double?
  /// The prefix cache's hits of its queries, where the server tells a rate of its own instead of the two.
  public var prefixCacheHitRate: Double?
  public var promptTokens: Double?
  public var generationTokens: Double?

  public init(time: UInt64) { self.time = time }
}
