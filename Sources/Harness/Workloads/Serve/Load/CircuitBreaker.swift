internal import GenerationClient

/// Tells a server that is not there, or takes nothing, from one that has trouble.
struct CircuitBreaker {
  /// Why the run is to be given up, as one sentence.
  private(set) var reason: String?
  private let patience: UInt64
  private var lastSuccess: UInt64
  private var hasSucceeded = false
  /// Failures since the last success.
  private(set) var failures = 0

  /// Failures that make a pattern.
  static let fewest = 8
  private static let shortestPause: UInt64 = 10_000_000
  private static let doublings = 7

  /// - Parameters:
  ///   - patience: seconds without any success.
  ///   - began: when the run did.
  init(patience: Double, began: UInt64) {
    self.patience = LoadSchedule.nanoseconds(patience)
    lastSuccess = began
  }

  mutating func take(_ outcome: RequestOutcome) {
    switch outcome.status {
    case .cancelled: return
    case .completed:
      hasSucceeded = true
      failures = 0
      lastSuccess = max(lastSuccess, outcome.ended)
    case .failed(let failure):
      failures += 1
      guard reason == nil, failures >= Self.fewest else { return }
      if !hasSucceeded, failure.isLasting {
        reason = "the first \(failures) requests all failed, the last of them so: \(failure.description)"
      } else if outcome.ended > lastSuccess &+ patience {
        let seconds = (outcome.ended - lastSuccess) / 1_000_000_000
        reason = "nothing has succeeded for \(seconds) s; the last failure: \(failure.description)"
      }
    }
  }

  /// Nanoseconds that a closed loop waits behind a failure: longer with each that follows, up to 1.28 s.
  var pause: UInt64 { failures == 0 ? 0 : Self.shortestPause << UInt64(min(failures - 1, Self.doublings)) }
}

extension RequestFailure {
  /// Whether asking again will not help.
  fileprivate var isLasting: Bool {
    switch kind {
    case .refused, .malformed: true
    case .http: httpStatus.map { (400..<500).contains($0) && $0 != 408 && $0 != 429 } ?? false
    default: false
    }
  }
}
