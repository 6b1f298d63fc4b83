internal import HTTP

/// How often a request is put again, and after how long: exponential back-off with full jitter, unless the server says when
/// (`Retry-After`, RFC 9110, section 10.2.3).
public struct RetryPolicy: Sendable, Hashable {
  /// In all; 1: never again.
  public var attempts = 3
  /// Seconds; the most that the first pause can be, doubled each time.
  public var first = 0.5
  public var longest = 30.0
  /// A server that asks for more is not waited for.
  public var longestAsked = 120.0
  /// Of the jitter.
  public var seed: UInt64 = 0

  public init() {}

  /// Seconds before the next attempt; nil: there is none.
  ///
  /// - Parameters:
  ///   - attempt: 1 for the one that failed first.
  ///   - asked: seconds, by the server.
  ///   - random: from 0 up to 1.
  public func pause(after attempt: Int, asked: Double?, random: Double) -> Double? {
    guard attempt < attempts else { return nil }
    if let asked { return asked <= longestAsked ? asked : nil }
    return Backoff.bound(attempt: attempt, first: first, longest: longest) * random
  }
}
