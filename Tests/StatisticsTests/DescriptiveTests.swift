import Statistics
import Testing

/// Goldens: numpy 2.4.6 and scipy 1.17.1.
struct DescriptiveTests {
  let sample = [3.1, 0.2, 7.5, 2.25, 9.0, 1.0, 4.4, 4.4, 6.02, 0.7]

  @Test(arguments: [
    (0, 0.2), (0.05, 0.425), (0.25, 1.3125), (0.5, 3.75), (0.75, 5.615), (0.9, 7.65), (0.99, 8.865), (1, 9),
  ])
  func quantilesAreNumpysLinearOnes(q: Double, expected: Double) throws {
    #expect(abs(try #require(Quantile.value(q, of: sample)) - expected) < 1e-12)
  }

  @Test func momentsAreNumpysAndScipys() throws {
    #expect(abs(try #require(Descriptive.mean(sample)) - 3.857) < 1e-12)
    #expect(abs(try #require(Descriptive.variance(sample)) - 8.849823333333333) < 1e-12)
    #expect(abs(try #require(Descriptive.standardDeviation(sample)) - 2.9748652630553427) < 1e-12)
    #expect(abs(try #require(Descriptive.geometricMean(sample)) - 2.446514457123594) < 1e-12)
    #expect(Descriptive.median(sample) == 3.75)
  }

  @Test func samplesTooSmallHaveNone() {
    #expect(Descriptive.mean([]) == nil && Descriptive.median([]) == nil && Descriptive.geometricMean([]) == nil)
    #expect(Descriptive.variance([1]) == nil && Descriptive.standardDeviation([1]) == nil)
    #expect(Descriptive.geometricMean([1, 0]) == nil)
    #expect(Quantile.value(0.3, of: [4]) == 4 && Quantile.value(7, of: [1, 2]) == 2)
  }

  /// Summed naively, a billion and a million times one hundred-millionth loses the small ones.
  @Test func theMeanLosesNoSmallValues() throws {
    let values = [1e9] + [Double](repeating: 1e-8, count: 1_000_000)
    let mean = try #require(Descriptive.mean(values))
    #expect(abs(mean * Double(values.count) - 1_000_000_000.01) < 1e-6)
  }

  /// Ranks (from 1) and coverage by a search of all pairs over `scipy.stats.binom`; of the median's, symmetric pairs.
  @Test(arguments: [
    (5, 0.5, 1, 5, 0.9375), (6, 0.5, 1, 6, 0.96875), (9, 0.5, 2, 8, 0.9609375), (10, 0.5, 2, 9, 0.978515625),
    (25, 0.5, 8, 18, 0.9567147493362427), (100, 0.5, 40, 61, 0.9647997997822952),
    (1_000, 0.5, 469, 532, 0.9537088026395018), (472, 0.99, 463, 472, 0.9691329669797333),
    (1_000, 0.99, 984, 997, 0.9635363098183772), (1_000, 0.999, 1, 1_000, 0.6323045752290362),
    (5_000, 0.999, 4_991, 5_000, 0.9615233685120268), (10_000, 0.95, 9_457, 9_543, 0.9515280546543345),
  ])
  func orderStatisticIntervalsHaveTheFewestRanks(
    count: Int, q: Double, lower: Int, upper: Int, coverage: Double
  ) throws {
    let ranks = (1...count).map(Double.init)
    let interval = try #require(Quantile.interval(q, ofSorted: ranks))
    #expect(interval.bounds == [Double(lower), Double(upper)])
    #expect(abs(interval.coverage - coverage) < 1e-9)
  }

  @Test func oneValueCoversNothing() {
    #expect(Quantile.medianInterval(of: [3]) == Interval(lower: 3, upper: 3, coverage: 0))
    #expect(Quantile.medianInterval(of: []) == nil)
    #expect(Quantile.interval(1, ofSorted: [1, 2]) == nil)
  }
}
