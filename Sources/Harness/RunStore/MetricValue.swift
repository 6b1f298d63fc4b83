/// One measured number with all that a reader needs to judge it (METRICS: name, unit, direction, kind).
public struct MetricValue: Sendable, Equatable, Codable {
  /// Which way is better.
  public enum Direction: String, Sendable, Codable { case higher, lower, none }

  /// How two runs' values are compared: `count` exactly, `quality` paired per query, `timing` paired and interleaved,
  /// `size` against a tolerance.
  public enum Kind: String, Sendable, Codable { case count, quality, timing, size }

  /// `nil` where it could not be measured; then `reason` says why. Never 0 instead.
  public var value: Double?
  /// SI: "s", "B", "1/s", "ratio", "1".
  public var unit: String
  public var better: Direction
  public var kind: Kind
  /// 95 % interval, lower and upper bound.
  public var ci95: [Double]?
  /// Samples behind the value.
  public var n: Int
  public var reason: String?

  public init(
    _ value: Double?, unit: String, better: Direction, kind: Kind, ci95: [Double]? = nil, n: Int = 1,
    reason: String? = nil
  ) {
    self.value = value
    self.unit = unit
    self.better = better
    self.kind = kind
    self.ci95 = ci95
    self.n = n
    self.reason = reason
  }
}
