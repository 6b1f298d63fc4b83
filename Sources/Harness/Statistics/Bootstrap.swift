import Foundation

/// Bootstrap confidence intervals: how far a statistic would move if the experiment were repeated.
///
/// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", chapters 13 and 14.
public enum Bootstrap {
  public enum Method: Sendable {
    /// The middle share of the resampled statistics.
    case percentile
    /// Bias-corrected and accelerated: as `percentile`, with ends moved for bias and skew. Needs a smooth statistic:
    /// use `percentile` for quantiles of few values.
    case bca
  }

  public enum Statistic: Sendable {
    case mean
    case median
    /// By `Quantile.value`.
    case quantile(Double)
    /// Any function of a sample that is not empty, in no particular order.
    case custom(@Sendable ([Double]) -> Double)

    func value(of values: [Double]) -> Double {
      switch self {
      case .mean: Descriptive.sum(values) / Double(values.count)
      case .median: Quantile.value(0.5, of: values) ?? .nan
      case .quantile(let q): Quantile.value(q, of: values) ?? .nan
      case .custom(let function): function(values)
      }
    }
  }

  /// The interval of `statistic` over independent values.
  ///
  /// - Parameter generator: gives the seed that the resampling is drawn from.
  /// - Returns: `nil` for an empty sample or no resamples. O(n · resamples) for the mean and quantiles; `custom` is
  ///   called `resamples` times, and `n` times more under `bca`.
  public static func interval(
    of values: [Double], _ statistic: Statistic, method: Method = .percentile, confidence: Double = 0.95,
    resamples: Int = 2_000, using generator: inout some RandomNumberGenerator
  ) -> Interval? {
    guard !values.isEmpty, resamples > 0 else { return nil }
    let sorted = values.sorted()
    var generator = SplitMix64(seed: generator.next())
    var replicates =
      switch statistic {
      case .mean: means(of: sorted, resamples: resamples, using: &generator)
      case .median: quantiles(0.5, of: sorted, resamples: resamples, using: &generator)
      case .quantile(let q): quantiles(q, of: sorted, resamples: resamples, using: &generator)
      case .custom(let function): replicates(of: sorted, function, resamples: resamples, using: &generator)
      }
    replicates.sort()
    let tail = (1 - confidence) / 2
    let ends =
      switch method {
      case .percentile: (tail, 1 - tail)
      case .bca: accelerated(tail, values: sorted, statistic, replicates: replicates)
      }
    return interval(between: ends, of: replicates, confidence)
  }

  /// The interval of `statistic` over a series whose neighbours depend on each other: whole blocks of `blockLength`
  /// neighbours are drawn, wrapping at the end.
  ///
  /// - Parameters:
  ///   - blockLength: n^(1/3), rounded up, when `nil`.
  ///   - generator: gives the seed that the resampling is drawn from.
  /// - Returns: `nil` for an empty series or no resamples. Source: Politis and Romano, "A circular block-resampling
  ///   procedure for stationary data", 1992.
  public static func blockInterval(
    of series: [Double], _ statistic: Statistic, blockLength: Int? = nil, confidence: Double = 0.95,
    resamples: Int = 2_000, using generator: inout some RandomNumberGenerator
  ) -> Interval? {
    guard !series.isEmpty, resamples > 0 else { return nil }
    let n = series.count
    let length = min(max(blockLength ?? Int(cbrt(Double(n)).rounded(.up)), 1), n)
    var generator = SplitMix64(seed: generator.next())
    var resample = series
    var replicates: [Double] = []
    replicates.reserveCapacity(resamples)
    for _ in 0..<resamples {
      var filled = 0
      while filled < n {
        var source = generator.index(below: n)
        for _ in 0..<min(length, n - filled) {
          resample[filled] = series[source]
          filled += 1
          source = source + 1 == n ? 0 : source + 1
        }
      }
      replicates.append(statistic.value(of: resample))
    }
    replicates.sort()
    let tail = (1 - confidence) / 2
    return interval(between: (tail, 1 - tail), of: replicates, confidence)
  }

  private static func interval(
    between ends: (Double, Double), of replicates: [Double], _ confidence: Double
  ) -> Interval? {
    guard let lower = Quantile.value(ends.0, ofSorted: replicates),
      let upper = Quantile.value(ends.1, ofSorted: replicates)
    else { return nil }
    return Interval(lower: lower, upper: upper, coverage: confidence)
  }

  private static func replicates(
    of values: [Double], _ statistic: ([Double]) -> Double, resamples: Int, using generator: inout SplitMix64
  ) -> [Double] {
    var resample = values
    return (0..<resamples).map { _ in
      for i in resample.indices { resample[i] = values[generator.index(below: values.count)] }
      return statistic(resample)
    }
  }

  private static func means(of values: [Double], resamples: Int, using generator: inout SplitMix64) -> [Double] {
    // Deviations from the mean are summed, which need no compensation.
    let mean = Descriptive.sum(values) / Double(values.count)
    let deviations = values.map { $0 - mean }
    return (0..<resamples).map { _ in
      var sum = 0.0
      for _ in deviations.indices { sum += deviations[generator.index(below: deviations.count)] }
      return mean + sum / Double(deviations.count)
    }
  }

  /// Quantiles of resamples without sorting any: how often each value was drawn is counted instead.
  private static func quantiles(
    _ q: Double, of sorted: [Double], resamples: Int, using generator: inout SplitMix64
  ) -> [Double] {
    let n = sorted.count
    let position = min(max(q, 0), 1) * Double(n - 1)
    let (below, share) = (Int(position), position - position.rounded(.down))
    var drawn = [Int32](repeating: 0, count: n)
    return (0..<resamples).map { _ in
      for i in drawn.indices { drawn[i] = 0 }
      for _ in 0..<n { drawn[generator.index(below: n)] += 1 }
      var seen = 0
      var low: Double?
      for i in 0..<n {
        seen += Int(drawn[i])
        if low == nil, seen > below { low = sorted[i] }
        if let low, seen > below + 1 || seen == n { return low + share * (sorted[i] - low) }
      }
      return sorted[n - 1]
    }
  }

  /// Shares of the replicates between which a BCa interval lies: equation 14.10.
  private static func accelerated(
    _ tail: Double, values: [Double], _ statistic: Statistic, replicates: [Double]
  ) -> (Double, Double) {
    let estimate = statistic.value(of: values)
    let less = replicates.count { $0 < estimate }
    let equal = replicates.count { $0 == estimate }
    let share = (Double(less) + Double(equal) / 2) / Double(replicates.count)
    guard share > 0, share < 1, values.count > 1 else { return (tail, 1 - tail) }
    let bias = Normal.quantile(share)
    let acceleration = acceleration(values, statistic)
    func moved(_ alpha: Double) -> Double {
      let z = bias + Normal.quantile(alpha)
      return Normal.cumulative(bias + z / (1 - acceleration * z))
    }
    return (moved(tail), moved(1 - tail))
  }

  /// Equation 14.15: the skew of the jackknife.
  private static func acceleration(_ values: [Double], _ statistic: Statistic) -> Double {
    let n = values.count
    let left: [Double]
    if case .mean = statistic {
      let total = Descriptive.sum(values)
      left = values.map { (total - $0) / Double(n - 1) }
    } else {
      left = values.indices.map { index in
        var others = values
        others.remove(at: index)
        return statistic.value(of: others)
      }
    }
    let mean = Descriptive.sum(left) / Double(n)
    let squares = Descriptive.sum(left.map { ($0 - mean) * ($0 - mean) })
    let cubes = Descriptive.sum(
      left.map {
        let d = mean - $0
        return d * d * d
      })
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0
  }
}

extension SplitMix64 {
  /// A uniform index of 0..<`count` by multiplication; the bias is below `count` / 2^64. `count` must be above 0.
  fileprivate mutating func index(below count: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(truncatingIfNeeded: count)).high)
  }
}
