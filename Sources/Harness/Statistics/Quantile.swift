import Foundation

/// Quantiles of a sample that is kept whole.
public enum Quantile {
  /// The `q`-quantile by linear interpolation between order statistics: Hyndman and Fan's type 7, numpy's default.
  ///
  /// - Parameter q: 0...1; values outside are taken as the nearer end.
  /// - Returns: `nil` for an empty sample. O(n log n).
  public static func value(_ q: Double, of values: [Double]) -> Double? {
    value(q, ofSorted: values.sorted())
  }

  /// The same of a sample in rising order. O(1).
  public static func value(_ q: Double, ofSorted values: [Double]) -> Double? {
    guard let last = values.last else { return nil }
    let position = min(max(q, 0), 1) * Double(values.count - 1)
    let below = Int(position)
    guard below + 1 < values.count else { return last }
    return values[below] + (position - Double(below)) * (values[below + 1] - values[below])
  }

  /// A distribution-free interval of the `q`-quantile between two order statistics, the narrowest in ranks (and for the
  /// median symmetric) whose coverage, by the binomial distribution, reaches `confidence`.
  ///
  /// With few values even the whole range does not reach it (the median's 95 % needs six values, the 99th percentile's
  /// 299): then it is the whole range, and `coverage` tells what it is worth.
  /// - Parameter q: above 0 and below 1.
  /// - Returns: `nil` for an empty sample or another `q`. O(√n). Source: David and Nagaraja, "Order Statistics", section 7.1.
  public static func interval(_ q: Double, ofSorted values: [Double], confidence: Double = 0.95) -> Interval? {
    guard let ranks = ranks(q, count: values.count, confidence: confidence) else { return nil }
    return Interval(lower: values[ranks.lower], upper: values[ranks.upper], coverage: ranks.coverage)
  }

  /// The interval of the median of a few repetitions, in any order.
  public static func medianInterval(of values: [Double], confidence: Double = 0.95) -> Interval? {
    interval(0.5, ofSorted: values.sorted(), confidence: confidence)
  }

  /// Positions (from 0) in a sorted sample of `count` values. O(√n).
  static func ranks(
    _ q: Double, count n: Int, confidence: Double
  ) -> (lower: Int, upper: Int, coverage: Double)? {
    guard n > 0, q > 0, q < 1 else { return nil }
    guard n > 1 else { return (0, 0, 0) }
    // With ranks from 1, [X(l), X(u)] holds the quantile when l <= B < u of the n values lie below it. B is binomial;
    // its chances fall off on both sides of the mode, so taking the likelier neighbour each time gives the fewest ranks.
    let mode = min(max(Int(q * Double(n)), 1), n - 1)
    var coverage = chance(of: mode, among: n, q)
    var (first, last) = (mode, mode)
    func below(_ b: Int, _ chance: Double) -> Double { chance * Double(b) / Double(n - b + 1) * (1 - q) / q }
    func above(_ b: Int, _ chance: Double) -> Double { chance * Double(n - b) / Double(b + 1) * q / (1 - q) }
    var next = (below: below(mode, coverage), above: above(mode, coverage))
    while coverage < confidence, first > 1 || last < n - 1 {
      // Equal chances are taken together, which keeps the median's interval symmetric.
      let tie = abs(next.below - next.above) <= 1e-9 * next.below
      let goesDown = first > 1 && (tie || next.below > next.above || last == n - 1)
      let goesUp = last < n - 1 && (tie || next.above > next.below || first == 1)
      if goesDown {
        coverage += next.below
        first -= 1
        next.below = below(first, next.below)
      }
      if goesUp {
        coverage += next.above
        last += 1
        next.above = above(last, next.above)
      }
    }
    return (first - 1, last, min(coverage, 1))
  }

  /// The binomial probability of `b` among `n`.
  private static func chance(of b: Int, among n: Int, _ q: Double) -> Double {
    let (n, b) = (Double(n), Double(b))
    return exp(lgamma(n + 1).0 - lgamma(b + 1).0 - lgamma(n - b + 1).0 + b * log(q) + (n - b) * log1p(-q))
  }
}
