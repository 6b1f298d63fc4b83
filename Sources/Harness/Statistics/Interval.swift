/// A confidence interval.
public struct Interval: Sendable, Equatable, Codable {
  public var lower: Double
  public var upper: Double
  /// The share of repetitions of the whole experiment whose interval holds the true value: what was asked for, or less
  /// where the samples are too few to give it.
  public var coverage: Double

  public init(lower: Double, upper: Double, coverage: Double) {
    self.lower = lower
    self.upper = upper
    self.coverage = coverage
  }

  public var bounds: [Double] { [lower, upper] }
}
