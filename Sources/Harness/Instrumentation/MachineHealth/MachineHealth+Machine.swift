import Foundation

/// Checks of how the machine and the program are set up.
extension MachineHealth {
  static func build(_ configuration: String) -> HealthCheck {
    guard configuration != "release" else { return HealthCheck("build", .ok, "release") }
    return HealthCheck("build", .warn, configuration, advice: "build it with swift build -c release")
  }

  static func governor(_ files: SystemFiles) -> HealthCheck {
    let folder = "sys/devices/system/cpu"
    let governors = Set(
      files.names(in: folder).compactMap { files.text("\(folder)/\($0)/cpufreq/scaling_governor") }
    ).sorted()
    guard !governors.isEmpty else {
      return HealthCheck("governor", .unknown, "not shown here, as in most virtual machines")
    }
    let finding = governors.joined(separator: ", ")
    guard governors != ["performance"] else { return HealthCheck("governor", .ok, finding) }
    return HealthCheck(
      "governor", .warn, finding,
      advice: "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor")
  }

  static func turbo(_ files: SystemFiles) -> HealthCheck {
    switch MachineFingerprint.turbo(files) {
    case nil: return HealthCheck("turbo", .unknown, "not shown here, as in most virtual machines")
    case false?: return HealthCheck("turbo", .ok, "off")
    case true?:
      let intel = files.text("sys/devices/system/cpu/intel_pstate/no_turbo") != nil
      return HealthCheck(
        "turbo", .warn, "on: speed depends on heat and on how many cores work",
        advice: intel
          ? "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"
          : "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost")
    }
  }

  static func threads(_ files: SystemFiles) -> HealthCheck {
    let processors = Processors(files)
    guard let physical = processors.physical, physical > 0 else {
      return HealthCheck("shared cores", .unknown, "/proc/cpuinfo does not tell")
    }
    guard physical < processors.logical else { return HealthCheck("shared cores", .ok, "none") }
    return HealthCheck(
      "shared cores", .warn, "\(processors.logical) logical processors on \(physical) cores",
      advice:
        "use at most \(physical) threads, or switch SMT off: echo off | sudo tee /sys/devices/system/cpu/smt/control")
  }

  static func clock(_ files: SystemFiles, cost: Double) -> HealthCheck {
    let source = files.text("sys/devices/system/clocksource/clocksource0/current_clocksource") ?? "unknown source"
    let finding = String(format: "%.0f ns a reading (%@)", cost, source)
    guard cost > 100 else { return HealthCheck("clock", .ok, finding) }
    return HealthCheck(
      "clock", .warn, finding, advice: "a reading costs as much as a short query: boot with clocksource=tsc if it can")
  }

  static func counters(_ counters: HardwareCounters) -> HealthCheck {
    switch counters {
    case .available: HealthCheck("hardware counters", .ok, "readable")
    case .unavailable(let reason, let advice):
      HealthCheck("hardware counters", .warn, "missing: \(reason)", advice: advice)
    }
  }
}
