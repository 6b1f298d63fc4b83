import Statistics
import Testing

/// Goldens: `scipy.stats.bootstrap` of scipy 1.17.1 with 200 000 resamples. Ours take fewer, so that the tolerances are
/// those of the resampling.
struct BootstrapTests {
  /// Forty draws of a log-normal distribution, rounded.
  static let skewed = [
    1.001, 1.27, 0.803, 0.49, 0.695, 0.452, 1.049, 2.922, 0.675, 0.609, 1.48, 1.33, 1.088, 0.475, 0.977, 1.744, 0.341,
    0.693, 0.218, 0.356, 0.229, 0.829, 0.363, 1.242, 1.134, 0.861, 0.134, 0.65, 0.962, 1.095, 0.294, 0.682, 0.457,
    0.524, 2.337, 0.524, 0.974, 2.029, 0.627, 0.915,
  ]

  static func deviation(_ values: [Double]) -> Double { Descriptive.standardDeviation(values) ?? .nan }

  @Test(arguments: [
    (Bootstrap.Method.percentile, 0.7205, 1.0776), (.bca, 0.7375, 1.1050),
  ])
  func theMeansIntervalIsScipys(method: Bootstrap.Method, lower: Double, upper: Double) throws {
    var generator = SplitMix64(seed: 1)
    let interval = try #require(
      Bootstrap.interval(of: Self.skewed, .mean, method: method, resamples: 20_000, using: &generator))
    #expect(abs(interval.lower - lower) < 0.006 && abs(interval.upper - upper) < 0.008, "\(interval)")
  }

  @Test(arguments: [
    (Bootstrap.Method.percentile, 0.3703, 0.7611), (.bca, 0.4252, 0.8418),
  ])
  func anyStatisticsIntervalIsScipys(method: Bootstrap.Method, lower: Double, upper: Double) throws {
    var generator = SplitMix64(seed: 2)
    let interval = try #require(
      Bootstrap.interval(
        of: Self.skewed, .custom(Self.deviation), method: method, resamples: 20_000, using: &generator))
    #expect(abs(interval.lower - lower) < 0.008 && abs(interval.upper - upper) < 0.012, "\(interval)")
  }

  @Test func theMediansIntervalIsScipys() throws {
    var generator = SplitMix64(seed: 3)
    let interval = try #require(Bootstrap.interval(of: Self.skewed, .median, resamples: 20_000, using: &generator))
    #expect(abs(interval.lower - 0.618) < 0.01 && abs(interval.upper - 0.9755) < 0.01, "\(interval)")
  }

  /// Quantiles are resampled by counting; the closure sorts. Both draw the same numbers.
  @Test(arguments: [0, 0.1, 0.5, 0.77, 0.9, 1])
  func countingEqualsSorting(q: Double) {
    var (one, other) = (SplitMix64(seed: 4), SplitMix64(seed: 4))
    let counted = Bootstrap.interval(of: Self.skewed, .quantile(q), resamples: 300, using: &one)
    let sorted = Bootstrap.interval(
      of: Self.skewed, .custom({ Quantile.value(q, of: $0) ?? .nan }), resamples: 300, using: &other)
    #expect(counted?.lower.isEqual(to: sorted?.lower ?? .nan, within: 1e-12) ?? false)
    #expect(counted?.upper.isEqual(to: sorted?.upper ?? .nan, within: 1e-12) ?? false)
  }

  @Test func oneSeedGivesOneInterval() {
    let intervals = (0..<2).map { _ in
      var generator = SplitMix64(seed: 5)
      return Bootstrap.interval(of: Self.skewed, .mean, method: .bca, resamples: 500, using: &generator)
    }
    #expect(intervals[0] == intervals[1])
  }

  @Test func degenerateSamplesHaveDegenerateIntervals() {
    var generator = SplitMix64(seed: 6)
    #expect(Bootstrap.interval(of: [], .mean, using: &generator) == nil)
    #expect(Bootstrap.interval(of: [2], .mean, method: .bca, using: &generator)?.bounds == [2, 2])
    #expect(Bootstrap.interval(of: [3, 3, 3], .median, method: .bca, using: &generator)?.bounds == [3, 3])
    #expect(Bootstrap.blockInterval(of: [4], .mean, blockLength: 9, using: &generator)?.bounds == [4, 4])
  }

  /// Neighbours of an autoregressive series (0.8) resemble each other, so that longer blocks must widen the interval.
  /// Goldens: the same procedure in numpy 2.4.6 with 100 000 resamples.
  @Test(arguments: [(1, -0.675, -0.271), (6, -0.880, -0.059), (20, -1.003, 0.087)])
  func blocksKeepTheSeriesDependence(length: Int, lower: Double, upper: Double) throws {
    var generator = SplitMix64(seed: 7)
    let interval = try #require(
      Bootstrap.blockInterval(
        of: Self.autoregressive, .mean, blockLength: length, resamples: 10_000, using: &generator))
    #expect(abs(interval.lower - lower) < 0.03 && abs(interval.upper - upper) < 0.03, "\(interval)")
  }

  static let autoregressive = [
    0.0, 0.06, -1.17, -0.86, 0.67, -1.01, 0.05, 0.16, -0.51, 1.59, 2.03, 0.43, 0.42, 0.91, 0.54, 1.11, 0.82, 1.33,
    2.5, 1.32, 1.26, 0.55, 0.56, -0.74, -1.17, -1.13, -0.01, 1.14, -0.41, -1.12, -0.25, -2.19, -2.22, -1.87, -0.24,
    0.5, 0.07, -0.31, -0.5, 1.12, 0.47, 0.07, 0.41, 0.21, -0.03, -1.14, -0.92, -1.18, 0.22, 0.83, 0.64, 1.18, 0.6,
    1.54, 1.22, 1.56, -0.04, 0.31, -1.44, -3.19, -2.85, -3.18, -2.38, 0.34, -0.56, -1.07, -0.65, -0.03, -0.2, -0.37,
    0.41, 0.85, -0.36, -0.36, -0.26, -1.26, -0.75, -1.46, -0.19, 0.04, 0.12, -0.49, -0.51, -2.41, -3.06, -2.08, -3.8,
    -2.19, -3.5, -2.04, -2.48, -1.2, -0.83, -2.2, -0.51, 1.03, 0.76, 0.33, 0.11, -0.89, 0.39, -0.23, -0.24, -0.98,
    -1.41, -2.41, -0.67, -0.69, 0.41, 0.34, -0.42, -0.66, -1.09, -0.86, -1.07, -1.15, -2.3, -2.65, -0.46, -1.04,
    -1.89, -1.17, 0.47, -1.08, -1.07, -1.49, -2.95, -1.63, -1.33, -0.99, -1.54, -0.78, -1.16, -1.07, -1.97, -2.79,
    -0.9, -1.22, -0.69, -0.58, -0.91, -1.23, -0.36, -0.59, -0.62, -0.48, 0.8, 1.32, 1.44, 0.59, -0.91, 0.22, 1.14,
    0.77, 1.16, 1.71, 2.2, 2.68, 1.69, 2.87, 1.05, 1.7, 1.85, 2.36, 3.76, 4.5, 2.45, 0.27, 1.03, -0.19, -0.16, 0.71,
    -1.08, -2.97, -2.12, -1.65, -1.57, -1.21, -1.83, -2.98, -2.55, -3.01, -4.05, -2.74, -2.25, -1.39, -2.1, -2.34,
    -2.87, -3.18, -2.35, -2.66, -1.78, -1.08, 1.16, -0.46, 0.52, 0.32, 0.24, -1.25,
  ]
}

extension Double {
  func isEqual(to other: Double, within tolerance: Double) -> Bool { abs(self - other) <= tolerance }
}
