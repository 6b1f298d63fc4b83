/// One measured number with all that a reader needs to judge it (METRICS: name, unit, direction, kind).
public struct MetricValue: Sendable, Equatable {
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

  /// A value that is not finite is none: it becomes `nil`, with a reason.
  public init(
    _ value: Double?, unit: String, better: Direction, kind: Kind, ci95: [Double]? = nil, n: Int = 1,
    reason: String? = nil
  ) {
    let finite = value.flatMap { $0.isFinite ? $0 : nil }
    self.value = finite
    self.unit = unit
    self.better = better
    self.kind = kind
    self.ci95 = ci95.flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
    self.n = n
    self.reason = reason ?? (finite == nil && value != nil ? "the measurement gave \(value!)" : nil)
  }
}

extension MetricValue: Codable {
  private enum CodingKeys: String, CodingKey { case value, unit, better, kind, ci95, n, reason }

  /// Writes a missing value as `null`, so that a reader sees that it was meant to be there.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encode(unit, forKey: .unit)
    try container.encode(better, forKey: .better)
    try container.encode(kind, forKey: .kind)
    try container.encodeIfPresent(ci95, forKey: .ci95)
    try container.encode(n, forKey: .n)
    try container.encodeIfPresent(reason, forKey: .reason)
  }
}
