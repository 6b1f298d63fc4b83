import Foundation
import Statistics
import Testing

@Suite struct TruncatedLogNormalTests {
  /// The mean over evenly spread shares is the mean of the distribution.
  @Test(arguments: [
    (161.0, 1.0, 1024.0), (338, 1, 1024), (19, 0.6, 1024), (58, 1.5, 1024), (300, 2, 1000), (900, 1, 1000),
    (1.5, 0.5, 2048), (10, 0.01, 2048),
  ])
  func theMeanHoldsUnderTheBound(mean: Double, sigma: Double, bound: Double) throws {
    let lengths = try #require(TruncatedLogNormal(mean: mean, sigma: sigma, bound: bound))
    #expect(abs(lengths.mean - mean) < 1e-6 * mean)
    let shares = (0..<200_000).map { (Double($0) + 0.5) / 200_000 }
    let values = shares.map(lengths.quantile)
    #expect(abs(values.reduce(0, +) / 200_000 - mean) < 2e-3 * mean)
    #expect(values.allSatisfy { $0 > 0 && $0 <= bound })
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
  }

  @Test func farFromTheBoundItIsLogNormal() throws {
    let lengths = try #require(TruncatedLogNormal(mean: 100, sigma: 0.5, bound: 1e9))
    #expect(abs(lengths.mu - (log(100) - 0.125)) < 1e-9)
    #expect(abs(lengths.quantile(0.5) - exp(lengths.mu)) < 1e-6)
    // One standard deviation above the median: 84.1345 % of a normal distribution.
    #expect(abs(lengths.quantile(0.841344746) - exp(lengths.mu + 0.5)) < 1e-4)
  }

  @Test func theEndsAreInside() throws {
    let lengths = try #require(TruncatedLogNormal(mean: 300, sigma: 1, bound: 1024))
    #expect(lengths.quantile(0) == 0)
    #expect(abs(lengths.quantile(1) - 1024) < 1e-6)
  }

  @Test(arguments: [
    (0.0, 1.0, 10.0), (-1, 1, 10), (5, 0, 10), (5, -1, 10), (9.5, 1, 10), (20, 1, 10), (.nan, 1, 10), (5, .nan, 10),
    (5, 1, .infinity),
  ])
  func whatHasNoSuchMeanIsNone(mean: Double, sigma: Double, bound: Double) {
    #expect(TruncatedLogNormal(mean: mean, sigma: sigma, bound: bound) == nil)
  }
}
