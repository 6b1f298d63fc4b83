internal import GenerationClient
internal import Instrumentation
internal import Statistics

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

  /// - Parameter passes: of one load; nil comes of none, and of those that measured nothing.
  package init?(load: Double, passes: [LoadResult]) {
    let measured = passes.filter { !$0.window.isEmpty }
    let rates = measured.map { Double($0.outputTokens) / (Double($0.window.count) / 1e9) }
    guard let throughput = Descriptive.median(rates) else { return nil }
    self.init(load: load, throughput: throughput)
    var ttft = Histogram()
    for pass in measured { ttft.merge(pass.ttft) }
    ttftP99 = ttft.quantile(0.99).map { Double($0) / 1e9 }
    let servers = measured.map { pass in
      ServerTimeline(pass.serverTimeline)
        .summary(of: pass.began + pass.window.lowerBound..<pass.began + pass.window.upperBound)
    }
    meanKVUsage = Descriptive.mean(servers.compactMap(\.meanKVUsage))
    peakKVUsage = servers.compactMap(\.peakKVUsage).max()
    meanRunning = Descriptive.mean(servers.compactMap(\.meanRunning))
    meanWaiting = Descriptive.mean(servers.compactMap(\.meanWaiting))
    preemptions = Descriptive.mean(servers.compactMap(\.preemptions))
    let scheduled = measured.reduce(0) { $0 + $1.counts.scheduled }
    let refused = measured.reduce(0) { sum, pass in
      sum + (pass.counts.failures["http 429"] ?? 0) + (pass.counts.failures["http 503"] ?? 0)
    }
    refusedShare = scheduled > 0 ? Double(refused) / Double(scheduled) : 0
    doubts = measured.flatMap(\.doubts)
  }
}

extension LoadPoint {
  /// Where it stands among loads of its kind; nil: its rate is none, or changes.
  package var place: (axis: KneePoint.Axis, load: Double)? {
    switch pattern {
    case .closed(let concurrency): (.concurrency, Double(concurrency))
    case .open(.constant(let rate)), .open(.poisson(let rate)), .open(.gamma(let rate, _)): (.rate, rate)
    case .open(.ramp), .open(.recorded): nil
    }
  }
}
