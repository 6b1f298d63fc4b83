internal import HTTP

/// How often a service is asked again, and after how long: exponential backoff with jitter over its upper half, unless the service says when
/// (`Retry-After`, RFC 9110, section 10.2.3).
package struct RetryPolicy: Sendable {
  /// Requests in all.
  package var attempts = 6
  /// Seconds; the most that the first wait can be, doubled each time.
  package var first = 0.5
  package var longest = 30.0
  /// A service that asks for more is not waited for.
  package var longestAsked = 120.0
  package var sleep: @Sendable (_ seconds: Double) -> Void
  /// From 0 up to 1.
  package var random: @Sendable () -> Double

  package init(sleep: @escaping @Sendable (Double) -> Void, random: @escaping @Sendable () -> Double) {
    self.sleep = sleep
    self.random = random
  }

  /// How long to wait before attempt `attempt` (1 for the first repetition); `nil` for not at all.
  package func delay(attempt: Int, asked: Double?) -> Double? {
    guard attempt < attempts else { return nil }
    if let asked { return asked <= longestAsked ? asked : nil }
    return Backoff.bound(attempt: attempt, first: first, longest: longest) * (0.5 + random() / 2)
  }
}
