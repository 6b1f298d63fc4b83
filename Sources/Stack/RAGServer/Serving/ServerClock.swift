internal import Foundation

/// The time of requests and answers.
struct ServerClock: Sendable {
  private let start = ContinuousClock.now

  /// Of a clock that never goes back.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }

  /// In Llama Stack's answers: "2026-11-20T04:04:02.111Z".
  var timestamp: String { Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

  var unixSeconds: Int { Int(Date().timeIntervalSince1970) }
}
