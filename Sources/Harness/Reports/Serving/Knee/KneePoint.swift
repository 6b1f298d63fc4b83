/// What one load came to, as far as it tells where a server's throughput ends, and why. nil: it is not known.
package struct KneePoint: Sendable, Equatable {
  /// What the loads of a series differ by.
  package enum Axis: Sendable, Equatable {
    /// Requests under way.
    case concurrency
    /// Requests/s that arrive.
    case rate
  }

  package var load: Double
  /// Output tokens/s.
  package var throughput: Double
  /// Seconds.
  package var ttftP99: Double?
  package var meanKVUsage: Double?
  package var peakKVUsage: Double?
  package var meanRunning: Double?
  package var meanWaiting: Double?
  package var preemptions: Double?
  /// Of the requests, those that the server turned away (HTTP 429 or 503).
  package var refusedShare = 0.0
  /// Why the client may have been what was measured.
  package var doubts: [String] = []

  package init(load: Double, throughput: Double) {
    self.load = load
    self.throughput = throughput
  }
}
