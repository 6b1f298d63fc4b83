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

  /// At most so many points, each the mean of its neighbours, and the last moment as it is.
  func means(of most: Int) -> KVTimelineSeries {
    guard seconds.count > most else { return self }
    func means(_ values: [Double]) -> [Double] {
      (0..<most).map { part in
        let some = values[values.count * part / most..<values.count * (part + 1) / most]
        return some.reduce(0, +) / Double(some.count)
      }
    }
    var series = self
    series.seconds = [seconds[0]] + means(seconds).dropFirst().dropLast() + seconds.suffix(1)
    series.used = means(used)
    series.stored = means(stored)
    return series
  }
}
