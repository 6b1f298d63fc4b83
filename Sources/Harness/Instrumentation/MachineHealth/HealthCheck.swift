/// One thing that could spoil a measurement.
public struct HealthCheck: Sendable, Equatable, Codable {
  public enum Status: String, Sendable, Codable {
    case ok, warn
    /// The machine does not show it.
    case unknown
  }

  public var name: String
  public var status: Status
  public var finding: String
  /// What to do about it; `nil` when nothing is to be done.
  public var advice: String?

  public init(_ name: String, _ status: Status, _ finding: String, advice: String? = nil) {
    self.name = name
    self.status = status
    self.finding = finding
    self.advice = advice
  }
}
