import Foundation

/// Nanoseconds of a clock that no one sets and no time service slews (`CLOCK_MONOTONIC_RAW`).
public enum MonotonicClock {
  /// Nanoseconds since an arbitrary moment.
  public static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_RAW, &time)
    return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
  }

  /// Seconds between two readings.
  public static func seconds(from start: UInt64, to end: UInt64) -> Double { Double(end &- start) / 1e9 }

  /// Nanoseconds that reading the clock takes: the median of `rounds` means over 1 000 readings.
  public static func cost(rounds: Int = 101) -> Double {
    var costs: [Double] = []
    for _ in 0..<max(1, rounds) {
      let start = now()
      for _ in 0..<999 { _ = now() }
      costs.append(Double(now() &- start) / 1_000)
    }
    return costs.sorted()[costs.count / 2]
  }
}
