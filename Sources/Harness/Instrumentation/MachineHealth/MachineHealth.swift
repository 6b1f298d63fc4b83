import Foundation

/// Whether a machine is fit to measure on, right now.
public enum MachineHealth {
  /// What cannot be read from files.
  public struct Probes: Sendable {
    /// Nanoseconds that reading the clock takes.
    public var clockCost: Double
    public var counters: HardwareCounters
    /// "release" or "debug".
    public var build: String

    public init(clockCost: Double, counters: HardwareCounters, build: String) {
      self.clockCost = clockCost
      self.counters = counters
      self.build = build
    }

    /// This machine's.
    public static func live() -> Probes {
      Probes(clockCost: MonotonicClock.cost(), counters: HardwareCounters.probe(), build: Toolchain.configuration)
    }
  }

  /// Every check, in the order of their weight.
  ///
  /// - Parameter pause: lets time pass (half a second will do) between the two looks at what the processors do.
  public static func checks(
    _ files: SystemFiles = .live, probes: Probes, pause: () -> Void
  ) -> [HealthCheck] {
    let before = Activity(files)
    pause()
    let after = Activity(files)
    return [
      build(probes.build), busyCores(before, after), steal(before, after), load(files), memory(files), swap(files),
      quota(files), governor(files), turbo(files), threads(files), clock(files, cost: probes.clockCost),
      counters(probes.counters),
    ]
  }

  static func percent(_ share: Double) -> String {
    String(format: share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100)
  }

  static func gigabytes(_ bytes: UInt64) -> String {
    String(format: "%.1f GiB", Double(bytes) / Double(1 << 30))
  }
}
