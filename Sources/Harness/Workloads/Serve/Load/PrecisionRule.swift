internal import Statistics

/// Ends a load once the median of a metric is known well enough.
///
/// Neighbours in a queue wait for the same reasons, so that single requests would seem to say more than they do: the interval
/// is of the mean of the medians of successive batches (Law and Kelton, "Simulation Modeling and Analysis", section 9.5.3).
struct PrecisionRule {
  private let share: Double
  private let metric: LoadPoint.Metric
  private var random: SplitMix64
  private var nextCheck = batches * fewestInBatch
  private(set) var hasEnded = false

  private static let batches = 20
  private static let fewestInBatch = 10
  /// Each check waits for a quarter more, so that all checks together cost what five of the last do.
  private static let growth = 1.25

  init(share: Double, metric: LoadPoint.Metric, seed: UInt64) {
    self.share = share
    self.metric = metric
    random = SplitMix64(seed: seed ^ 0xBA7C_4ED1_A45E_D00D)
  }

  /// - Parameter requests: all that were measured so far.
  mutating func isReached(by requests: [LoadResult.Request]) -> Bool {
    guard !hasEnded, requests.count >= nextCheck else { return hasEnded }
    nextCheck = Int(Double(requests.count) * Self.growth)
    let size = requests.count / Self.batches
    let medians = (0..<Self.batches).compactMap { batch in
      Descriptive.median(
        requests[batch * size..<(batch + 1) * size].map(value).filter { $0.isFinite })
    }
    guard medians.count == Self.batches, let mean = Descriptive.mean(medians), mean > 0,
      let interval = Bootstrap.interval(of: medians, .mean, method: .bca, using: &random)
    else { return false }
    hasEnded = (interval.upper - interval.lower) / 2 <= share * mean
    return hasEnded
  }

  private func value(_ request: LoadResult.Request) -> Double {
    switch metric {
    case .ttft: Double(request.ttft)
    case .tpot: Double(request.tpot)
    case .e2e: Double(request.e2e)
    }
  }
}
