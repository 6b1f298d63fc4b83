import Foundation

/// Checks of who else uses the machine.
extension MachineHealth {
  /// A processor that others keep busy for more than this share spoils what runs on it.
  private static let busyShare = 0.1

  static func busyCores(_ before: Activity, _ after: Activity) -> HealthCheck {
    guard let now = after.times, let past = before.times else {
      return HealthCheck("busy cores", .unknown, "/proc/stat cannot be read")
    }
    let shares = now.processors.compactMap { number, ticks -> (number: Int, share: Double)? in
      past.processors[number].flatMap { ticks.since($0).busyShare }.map { (number, $0) }
    }.sorted { $0.number < $1.number }
    guard !shares.isEmpty else { return HealthCheck("busy cores", .unknown, "no time passed between two looks") }
    let busy = shares.filter { $0.share > busyShare }
    guard !busy.isEmpty else { return HealthCheck("busy cores", .ok, "none of \(shares.count)") }
    let cores = busy.map { "core \($0.number) \(percent($0.share))" }.joined(separator: ", ")
    let workers = after.workers(since: before).prefix(3).map { "\($0.name) (\($0.id))" }
    return HealthCheck(
      "busy cores", .warn, "\(busy.count) of \(shares.count): \(cores)",
      advice: workers.isEmpty ? "stop what else runs" : "stop what else runs: \(workers.joined(separator: ", "))")
  }

  static func steal(_ before: Activity, _ after: Activity) -> HealthCheck {
    guard let now = after.times, let past = before.times else {
      return HealthCheck("steal", .unknown, "/proc/stat cannot be read")
    }
    let recent = now.total.since(past.total).stealShare ?? 0
    let boot = now.total.stealShare ?? 0
    let finding = "\(percent(recent)) now, \(percent(boot)) since boot"
    guard recent > 0.005 || boot > 0.01 else { return HealthCheck("steal", .ok, finding) }
    return HealthCheck(
      "steal", .warn, finding,
      advice: "the host gives this machine's time to others: use dedicated cores, or interleave and repeat more")
  }

  static func load(_ files: SystemFiles) -> HealthCheck {
    guard let word = files.text("proc/loadavg")?.split(separator: " ").first, let load = Double(word) else {
      return HealthCheck("load", .unknown, "/proc/loadavg cannot be read")
    }
    let finding = "\(word) over the last minute"
    guard load > 0.5 else { return HealthCheck("load", .ok, finding) }
    return HealthCheck("load", .warn, finding, advice: "wait until the machine has been idle for a minute")
  }

  static func memory(_ files: SystemFiles) -> HealthCheck {
    guard let numbers = files.numbers("proc/meminfo"), let total = numbers["MemTotal"], total > 0,
      let available = numbers["MemAvailable"]
    else { return HealthCheck("memory", .unknown, "/proc/meminfo cannot be read") }
    let finding = "\(gigabytes(available)) of \(gigabytes(total)) available"
    guard Double(available) < 0.2 * Double(total) else { return HealthCheck("memory", .ok, finding) }
    return HealthCheck("memory", .warn, finding, advice: "close what holds memory, or measure smaller sets")
  }

  static func swap(_ files: SystemFiles) -> HealthCheck {
    guard let numbers = files.numbers("proc/meminfo"), let total = numbers["SwapTotal"], let free = numbers["SwapFree"]
    else { return HealthCheck("swap", .unknown, "/proc/meminfo cannot be read") }
    guard total > 0 else { return HealthCheck("swap", .ok, "none") }
    guard free < total else { return HealthCheck("swap", .ok, "unused") }
    return HealthCheck(
      "swap", .warn, "\(gigabytes(total - free)) in use",
      advice: "free memory, then sudo swapoff -a && sudo swapon -a")
  }

  static func quota(_ files: SystemFiles) -> HealthCheck {
    let words = files.text("sys/fs/cgroup/cpu.max")?.split(separator: " ") ?? []
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 else {
      return HealthCheck("CPU quota", .ok, "none")
    }
    return HealthCheck(
      "CPU quota", .warn, String(format: "%.2f cores", quota / period),
      advice: "the container is stopped when it has used them up: start it without a CPU limit")
  }
}
