public import RunStore

/// KV memory over one pass, as the store keeps it: shares of the budget at points in time.
public struct KVTimelineSeries: Sendable, Equatable {
  public var seconds: [Double]
  public var used: [Double]
  /// Holding tokens that somebody needs.
  public var stored: [Double]

  /// - Returns: `nil` for a pass that tells nothing over time.
  public init?(_ pass: PassRecord) {
    func numbers(_ name: String) -> [Double]? {
      guard case .double(let values) = pass.samples["timeline_\(name)"], values.count > 1 else { return nil }
      return values
    }
    guard let seconds = numbers("seconds"), let used = numbers("used"), let stored = numbers("stored"),
      used.count == seconds.count, stored.count == seconds.count
    else { return nil }
    self.seconds = seconds
    self.used = used
    self.stored = stored
  }
}
