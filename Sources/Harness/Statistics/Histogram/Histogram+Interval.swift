extension Histogram {
  /// A distribution-free interval of the `q`-quantile, as `Quantile.interval` gives of a sample that is kept whole; its ends are
  /// buckets' middles, as `quantile` gives them.
  ///
  /// - Parameter q: above 0 and below 1.
  /// - Returns: `nil` when nothing was recorded, or for another `q`. O(buckets + √count).
  public func interval(_ q: Double, confidence: Double = 0.95) -> Interval? {
    guard let ranks = Quantile.ranks(q, count: Int(clamping: count), confidence: confidence),
      let lower = value(ofRank: UInt64(ranks.lower) + 1), let upper = value(ofRank: UInt64(ranks.upper) + 1)
    else { return nil }
    return Interval(lower: Double(lower), upper: Double(upper), coverage: ranks.coverage)
  }
}
