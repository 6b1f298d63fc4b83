/// Counts of non-negative integers (nanoseconds, bytes) in logarithmic buckets.
///
/// Values below 1 024 are kept exactly; above, each octave is cut into 512 equal buckets and a value is reported as its
/// bucket's middle, so that the relative error is at most 1/1 024 (0.098 %). Histograms merge without loss. Each takes
/// 229 KB, whatever it holds.
///
/// Source: the bucket layout of HdrHistogram (Gil Tene), with two significant binary digits more than its default.
public struct Histogram: Sendable, Equatable {
  /// Recorded values.
  public private(set) var count: UInt64 = 0
  /// Exact.
  public private(set) var minimum: UInt64?
  /// Exact.
  public private(set) var maximum: UInt64?
  package private(set) var sum: UInt128 = 0
  package private(set) var buckets: [UInt64]

  public init() {
    buckets = [UInt64](repeating: 0, count: Self.bucketCount)
  }

  package init(buckets: [UInt64], minimum: UInt64?, maximum: UInt64?, sum: UInt128) {
    self.buckets = buckets
    self.minimum = minimum
    self.maximum = maximum
    self.sum = sum
    self.count = buckets.reduce(0, &+)
  }

  /// Adds one value, or `count` equal ones. O(1), without allocation.
  public mutating func record(_ value: UInt64, count repeats: UInt64 = 1) {
    guard repeats > 0 else { return }
    buckets[Self.bucket(of: value)] += repeats
    count += repeats
    sum += UInt128(value) * UInt128(repeats)
    minimum = Swift.min(minimum ?? value, value)
    maximum = Swift.max(maximum ?? value, value)
  }

  /// Adds all that `other` has seen, as if it had been recorded here. O(buckets).
  public mutating func merge(_ other: Histogram) {
    guard other.count > 0 else { return }
    for index in buckets.indices { buckets[index] += other.buckets[index] }
    count += other.count
    sum += other.sum
    minimum = Swift.min(minimum ?? .max, other.minimum ?? .max)
    maximum = Swift.max(maximum ?? 0, other.maximum ?? 0)
  }
}
