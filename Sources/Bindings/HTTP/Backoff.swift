/// When a request that failed may be put again.
package enum Backoff {
  /// Whether the same request may succeed later.
  package static func isTransient(_ status: Int) -> Bool {
    status == 408 || status == 429 || (500...599).contains(status)
  }

  /// The most seconds to wait after attempt `attempt`, from 1: doubled each time, up to `longest`.
  package static func bound(attempt: Int, first: Double, longest: Double) -> Double {
    min(longest, first * Double(1 << min(attempt - 1, 30)))
  }
}
