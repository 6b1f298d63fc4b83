package import Instrumentation

/// One load that a server is put under, and how long it is measured.
package struct LoadPoint: Sendable, Hashable {
  package enum Pattern: Sendable, Hashable {
    /// So many requests, or sessions, are always under way.
    case closed(concurrency: Int)
    /// Requests, or sessions, begin at moments that the seed has fixed.
    case open(ArrivalProcess)
  }

  /// What ends the arrivals; the first that is reached. Without any, what the requests' source has.
  package struct Stop: Sendable, Hashable {
    /// Requests, each turn of a session being one.
    package var requests: Int?
    package var seconds: Double?
    /// Half the width of the 95 % interval of the metric's median, as a share of it.
    package var precision: Double?
    package var metric = Metric.e2e

    package init(requests: Int? = nil, seconds: Double? = nil, precision: Double? = nil, metric: Metric = .e2e) {
      self.requests = requests
      self.seconds = seconds
      self.precision = precision
      self.metric = metric
    }
  }

  /// What `precision` is of; of a request's first output where it has more.
  package enum Metric: String, Sendable, CaseIterable { case ttft, tpot, e2e }

  package var pattern: Pattern
  /// Outputs of a prompt.
  package var n: Int
  /// Whether the n outputs are asked for by n requests, sent at once, instead of by one.
  package var splitsOutputs = false
  package var stop: Stop
  /// Share of the arrivals, at the beginning, that warm up and are not measured.
  package var warmup: Double = 0.1
  /// Whether what comes behind the last arrival is left out of throughputs.
  package var cutsDrain = true
  /// Seconds that unfinished requests are waited for behind the last arrival; then they are cancelled.
  package var drainSeconds: Double = 120
  /// Seconds without any success, and with failures, after which a run is given up that had had successes.
  package var patienceSeconds: Double = 60
  /// What a closed loop waits after an answer before it asks again.
  package var thinking = Pause.none
  package var levels = ServiceLevels()
  /// Admissions wait while the predicted KV use would be above this share; nil: no request waits.
  package var kvCeiling: Double?

  package init(pattern: Pattern, n: Int = 1, stop: Stop) {
    self.pattern = pattern
    self.n = n
    self.stop = stop
  }
}

/// How long somebody thinks before the next request.
package enum Pause: Sendable, Hashable {
  case none
  case fixed(seconds: Double)
  /// Exponentially distributed.
  case exponential(mean: Double)
}
