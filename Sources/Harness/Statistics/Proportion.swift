/// What a count says of the share behind it.
public enum Proportion {
  /// The interval for the share of a population of which `hits` were found among `count` that were drawn.
  ///
  /// - Returns: 0...1 where none were drawn.
  ///
  /// Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
  public static func interval(_ hits: Int, of count: Int, confidence: Double = 0.95) -> Interval {
    guard count > 0 else { return Interval(lower: 0, upper: 1, coverage: confidence) }
    let (n, p) = (Double(count), Double(hits) / Double(count))
    let z = Normal.quantile(0.5 + confidence / 2)
    let middle = p + z * z / (2 * n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    return Interval(
      lower: max(0, (middle - half) / scale), upper: min(1, (middle + half) / scale), coverage: confidence)
  }
}
