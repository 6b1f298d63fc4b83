/// How long a client waits, and how often it asks again.
public struct ClientOptions: Sendable {
  /// Seconds for name and connection.
  public var connectTimeout = 10.0
  /// Seconds from an attempt's beginning to its first token.
  public var firstTokenTimeout = 300.0
  /// Seconds for which a stream may be silent once it has begun.
  public var silenceTimeout = 60.0
  /// Seconds for everything, attempts and pauses included, from the first attempt.
  public var requestTimeout = 900.0
  public var retries = RetryPolicy()
  /// Whether answers come token by token; else whole.
  public var streams = true
  /// Bytes beyond which an event of a stream, or a whole answer, is refused.
  public var longestEvent = 16 << 20
  public var longestAnswer = 256 << 20

  public init() {}
}
