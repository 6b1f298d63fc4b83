/// Looks for a change until it is seen, or patience ends.
///
/// Looks follow each other at once for a while; then they pause a little, for a server that answers nothing but looks becomes
/// slower itself. What a pause hides is at most a fiftieth of the time that passed.
package struct VisibilityPoll: Sendable, Equatable {
  /// Nanoseconds from the change to the end of the first look that saw it; nil where patience ended.
  package var nanoseconds: UInt64?
  package var looks: Int

  private static let share: UInt64 = 50
  private static let shortestPause: UInt64 = 100_000
  private static let longestPause: UInt64 = 10_000_000

  /// - Parameters:
  ///   - change: when the change was acknowledged.
  ///   - patience: nanoseconds; however short, there is one look.
  ///   - now: a clock in nanoseconds.
  ///   - pause: waits so many nanoseconds.
  package init(
    since change: UInt64, patience: UInt64, now: () -> UInt64, pause: (UInt64) -> Void, look: () throws -> Bool
  ) rethrows {
    looks = 0
    while true {
      looks += 1
      let isSeen = try look()
      let waited = now() - change
      if isSeen {
        nanoseconds = waited
        return
      }
      if waited >= patience { return }
      let rest = min(waited / Self.share, Self.longestPause)
      if rest >= Self.shortestPause { pause(rest) }
    }
  }
}
