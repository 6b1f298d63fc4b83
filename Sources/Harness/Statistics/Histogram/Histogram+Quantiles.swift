extension Histogram {
  /// Mean of the values, exact to rounding; `nil` when nothing was recorded.
  public var mean: Double? { count == 0 ? nil : Double(sum) / Double(count) }

  /// The smallest recorded value that at least a share `q` of all values does not exceed (Hyndman and Fan's type 1, the
  /// inverse of the empirical distribution), with a relative error of at most 0.1 %; the ends are exact.
  ///
  /// - Parameter q: 0...1; values outside are taken as the nearer end.
  /// - Returns: `nil` when nothing was recorded. O(buckets).
  public func quantile(_ q: Double) -> UInt64? {
    value(ofRank: UInt64(max(1, (Swift.min(max(q, 0), 1) * Double(count)).rounded(.up))))
  }

  /// The value of so many that are no larger, counted from 1; those beyond the ends are the ends.
  func value(ofRank rank: UInt64) -> UInt64? {
    guard let minimum, let maximum else { return nil }
    if rank <= 1 { return minimum }
    if rank >= count { return maximum }
    var seen: UInt64 = 0
    for (index, inBucket) in buckets.enumerated() where inBucket > 0 {
      seen += inBucket
      guard seen >= rank else { continue }
      let range = Self.range(ofBucket: index)
      let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
      return Swift.min(Swift.max(middle, minimum), maximum)
    }
    return maximum
  }

  /// The buckets that hold something, in rising order: their values and how many fell in. For plots of the distribution.
  public var occupied: [(values: ClosedRange<UInt64>, count: UInt64)] {
    buckets.indices.compactMap { index in
      buckets[index] == 0 ? nil : (Self.range(ofBucket: index), buckets[index])
    }
  }
}
