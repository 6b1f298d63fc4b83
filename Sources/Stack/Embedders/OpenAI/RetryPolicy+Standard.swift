internal import Foundation

extension RetryPolicy {
  /// Waits on this machine's clock, with its random numbers.
  static var standard: RetryPolicy {
    RetryPolicy(sleep: { Thread.sleep(forTimeInterval: $0) }, random: { Double.random(in: 0..<1) })
  }
}
