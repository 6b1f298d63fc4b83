import Foundation
import Instrumentation
import Kernels

/// `ragmeter doctor`: whether this machine is fit to measure on.
enum DoctorVerb: Verb {
  static let name = "doctor"
  static let summary = "say whether this machine is fit to measure on"
  static let options: [Option] = [.value("--json")]
  static let usage = """
    usage: ragmeter doctor [--json FILE]

    Prints the machine's fingerprint, the SIMD kernels in use, and whatever would spoil a measurement, with what to do
    about it. It watches the machine for half a second. Warnings do not make it fail.

      --json FILE   write the report as JSON; '-' for standard output instead of the text

    RAGMETER_KERNELS=avx2 (or avx512, neon, scalar) forces the kernels of a lesser CPU.

    example: ragmeter doctor --json -
    """

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard arguments.operands.isEmpty else { throw UsageError("it takes no operand, not '\(arguments.operands[0])'") }
    let probes = MachineHealth.Probes.live()
    let report = HealthReport(
      machine: .read(simd: Kernels.activeName), activeKernels: Kernels.activeName,
      availableKernels: Kernels.available, clockCost: probes.clockCost,
      checks: MachineHealth.checks(probes: probes) { Thread.sleep(forTimeInterval: 0.5) })
    let target = arguments.value("--json")
    if target != "-" { print(report.text) }
    switch target {
    case nil: break
    case "-": try FileHandle.standardOutput.write(contentsOf: report.json())
    case let file?:
      let json = try report.json()
      do {
        try json.write(to: URL(fileURLWithPath: file), options: .atomic)
      } catch {
        complain("doctor: \(file) cannot be written: make its folder, or name another file")
        return .failure
      }
    }
    return .success
  }
}
