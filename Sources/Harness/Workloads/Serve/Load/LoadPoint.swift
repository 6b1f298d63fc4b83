internal import GenerationClient
package import Instrumentation

/// One load that a server is put under, and how long it is measured.
package struct LoadPoint: Sendable, Hashable {
  package enum Pattern: Sendable, Hashable {
    /// So many requests are always under way.
    case closed(concurrency: Int)
    case open(ArrivalProcess)
  }

  /// What ends the arrivals; the first that is reached.
  package struct Stop: Sendable, Hashable {
    package var requests: Int?
    package var seconds: Double?
    /// Half the width of the 95 % interval of the median E2E, as a share of it.
    package var precision: Double?

    package init(requests: Int? = nil, seconds: Double? = nil, precision: Double? = nil) {
      self.requests = requests
      self.seconds = seconds
      self.precision = precision
    }
  }

  package var pattern: Pattern
  /// Outputs of a prompt.
  package var n: Int
  /// Whether the n outputs are asked for by n requests, sent at once, instead of by one.
  package var splitsOutputs = false
  package var stop: Stop
  /// Share of the arrivals, at the beginning, that warm up and are not measured.
  package var warmup: Double = 0.1
  /// Seconds that unfinished requests are waited for behind the last arrival; then they are cancelled.
  package var drainSeconds: Double = 120
  package var levels = ServiceLevels()
  /// Admissions wait while the predicted KV use would be above this share; nil: no request waits.
  package var kvCeiling: Double?

  package init(pattern: Pattern, n: Int = 1, stop: Stop) {
    self.pattern = pattern
    self.n = n
    self.stop = stop
  }
}
