public import Foundation

/// All that `ragmeter doctor` tells: the machine, its kernels, and what would spoil a measurement.
public struct HealthReport: Sendable, Equatable, Codable {
  public struct Kernels: Sendable, Equatable, Codable {
    public var active: String
    /// Best first.
    public var available: [String]
  }

  /// "ragmeter.doctor/1".
  public var schema: String
  public var machine: MachineFingerprint
  public var kernels: Kernels
  /// Nanoseconds a reading.
  public var clockCost: Double
  public var checks: [HealthCheck]

  public init(
    machine: MachineFingerprint, activeKernels: String, availableKernels: [String], clockCost: Double,
    checks: [HealthCheck]
  ) {
    schema = "ragmeter.doctor/1"
    self.machine = machine
    kernels = Kernels(active: activeKernels, available: availableKernels)
    self.clockCost = clockCost
    self.checks = checks
  }

  private enum CodingKeys: String, CodingKey {
    case schema, machine, kernels
    case clockCost = "clock_cost_ns"
    case checks
  }

  public var warnings: Int { checks.count { $0.status == .warn } }

  /// The report as aligned lines.
  public var text: String {
    var rows: [(String, String)] = [
      ("CPU", machine.cpu + (machine.virtualized ? " (virtual machine)" : "")),
      ("cores", "\(machine.cores) logical" + (machine.physicalCores.map { ", \($0) physical" } ?? "")),
    ]
    if !machine.caches.isEmpty { rows.append(("caches", machine.caches.joined(separator: ", "))) }
    rows += [
      ("memory", MachineHealth.gigabytes(machine.memory)),
      ("system", "\(machine.os), Linux \(machine.kernel)"),
      ("toolchain", "Swift \(machine.swift)" + (machine.clang.map { ", clang \($0)" } ?? "") + ", \(machine.build)"),
      ("kernels", "\(kernels.active) in use; this CPU can run \(kernels.available.joined(separator: ", "))"),
    ]
    let names = rows.map(\.0) + checks.map(\.name)
    let width = names.map(\.count).max() ?? 0
    func padded(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }
    var lines = rows.map { "\(padded($0.0, width))  \($0.1)" }
    lines.append("")
    for check in checks {
      lines.append("\(padded(check.name, width))  \(padded(check.status.rawValue, 7))  \(check.finding)")
      if let advice = check.advice { lines.append("\(padded("", width))           → \(advice)") }
    }
    lines.append("")
    switch warnings {
    case 0: lines.append("Nothing found that would spoil a measurement.")
    case 1: lines.append("1 warning: small differences measured now may not be real.")
    default: lines.append("\(warnings) warnings: small differences measured now may not be real.")
    }
    return lines.joined(separator: "\n")
  }

  /// The report as JSON with sorted keys, ending in a newline.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }
}
