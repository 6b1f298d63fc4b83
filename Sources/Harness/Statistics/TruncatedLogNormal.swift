import Foundation

/// A log-normal variable that is never above a bound, and has the stated mean in spite of that: lengths of prompts and of
/// answers, which no model takes longer than its context.
public struct TruncatedLogNormal: Sendable, Equatable {
  /// Standard deviation of the logarithm, before truncation.
  public let sigma: Double
  public let bound: Double
  /// Mean of the logarithm, before truncation.
  public let mu: Double

  /// The share of the bound that a mean may have: nearer to it the variable is hardly one any more.
  public static let largestMean = 0.9

  /// `nil` unless `mean` and `sigma` are above 0, and `mean` at most `largestMean` of the bound.
  public init?(mean: Double, sigma: Double, bound: Double) {
    guard mean > 0, sigma > 0, mean.isFinite, sigma.isFinite, bound.isFinite, mean <= Self.largestMean * bound else {
      return nil
    }
    func excess(_ mu: Double) -> Double { Self.mean(mu: mu, sigma: sigma, bound: bound) - mean }
    // Truncation only takes away: the mean of the whole distribution bounds mu from below.
    var low = log(mean) - sigma * sigma / 2
    var high = low + sigma
    while excess(high) < 0 { high += sigma }
    for _ in 0..<200 where high - low > 1e-13 * max(1, abs(low)) {
      let middle = (low + high) / 2
      if excess(middle) < 0 { low = middle } else { high = middle }
    }
    self.sigma = sigma
    self.bound = bound
    mu = (low + high) / 2
  }

  public var mean: Double { Self.mean(mu: mu, sigma: sigma, bound: bound) }

  /// The value that a share `p` of all values is below: draws of `p` uniform in 0..<1 are draws of the variable.
  public func quantile(_ p: Double) -> Double {
    let inside = Normal.cumulative((log(bound) - mu) / sigma)
    return min(bound, exp(mu + sigma * Normal.quantile(p * inside)))
  }

  /// E[X | X ≤ bound]: the partial expectation of a log-normal variable over its distribution function.
  private static func mean(mu: Double, sigma: Double, bound: Double) -> Double {
    let z = (log(bound) - mu) / sigma
    return exp(mu + sigma * sigma / 2) * Normal.cumulative(z - sigma) / Normal.cumulative(z)
  }
}
