internal import CPerfEvent
import Foundation

/// Whether the CPU's counters (instructions, cycles, cache misses) can be read here.
public enum HardwareCounters: Sendable, Equatable {
  case available
  /// Why not, and what would help.
  case unavailable(reason: String, advice: String)

  /// Opens a counter of instructions and closes it again.
  public static func probe(_ files: SystemFiles = .live) -> HardwareCounters {
    let descriptor = perf_event_open_hardware(UInt64(PERF_COUNT_HW_INSTRUCTIONS.rawValue))
    guard descriptor < 0 else {
      close(descriptor)
      return .available
    }
    return refused(errno: -descriptor, paranoid: files.text("proc/sys/kernel/perf_event_paranoid"))
  }

  package static func refused(errno code: Int32, paranoid: String?) -> HardwareCounters {
    switch code {
    case EACCES, EPERM:
      .unavailable(
        reason: "the kernel does not allow it (perf_event_paranoid is \(paranoid ?? "unknown"))",
        advice: "sudo sysctl kernel.perf_event_paranoid=1; in a container also allow perf_event_open")
    case ENOENT, EOPNOTSUPP, ENODEV:
      .unavailable(
        reason: "the CPU, or the virtual machine's host, offers none",
        advice: "measure on hardware of your own to see instructions and cache misses")
    case ENOSYS:
      .unavailable(reason: "the kernel was built without perf events", advice: "use a distribution's kernel")
    default:
      .unavailable(reason: String(cString: strerror(code)), advice: "see man 2 perf_event_open")
    }
  }
}
