import Foundation
import Instrumentation
import Testing

struct MachineHealthTests {
  private func report(
    _ machine: [String: String], probes: MachineHealth.Probes, simd: String, pause: (FixtureSystem) throws -> Void
  ) throws -> HealthReport {
    let system = try FixtureSystem(machine)
    var failure: (any Error)?
    let checks = MachineHealth.checks(system.files, probes: probes) {
      do { try pause(system) } catch { failure = error }
    }
    if let failure { throw failure }
    var fingerprint = MachineFingerprint.read(simd: simd, from: system.files)
    (fingerprint.swift, fingerprint.clang, fingerprint.build) = ("6.3", "21.0.0", probes.build)
    return HealthReport(
      machine: fingerprint, activeKernels: simd, availableKernels: [simd, "scalar"], clockCost: probes.clockCost,
      checks: checks)
  }

  @Test func everythingThatSpoilsAMeasurementIsNamedWithACure() throws {
    let counters = HardwareCounters.refused(errno: EACCES, paranoid: "3")
    let probes = MachineHealth.Probes(clockCost: 812, counters: counters, build: "debug")
    let report = try report(FixtureMachines.desktop, probes: probes, simd: "avx2") { system in
      try system.write("proc/stat", FixtureMachines.stat(busy: 40))
      try system.write("proc/700/stat", FixtureMachines.processStat(700, "browser (tab)", ticks: 49))
    }
    #expect(
      report.text == """
        CPU                Example Core i5-1 @ 2.00GHz
        cores              4 logical, 2 physical
        caches             L1d 48 KiB, L2 2 MiB
        memory             8.0 GiB
        system             Example Linux 12, Linux 6.1.0-18-amd64
        toolchain          Swift 6.3, clang 21.0.0, debug
        kernels            avx2 in use; this CPU can run avx2, scalar

        build              warn     debug
                                    → build it with swift build -c release
        busy cores         warn     1 of 2: core 1 80 %
                                    → stop what else runs: browser (tab) (700)
        steal              warn     2.0 % now, 0.0 % since boot
                                    → the host gives this machine's time to others: use dedicated cores, or interleave and repeat more
        load               warn     1.52 over the last minute
                                    → wait until the machine has been idle for a minute
        memory             warn     1.0 GiB of 8.0 GiB available
                                    → close what holds memory, or measure smaller sets
        swap               warn     1.0 GiB in use
                                    → free memory, then sudo swapoff -a && sudo swapon -a
        CPU quota          warn     1.50 cores
                                    → the container is stopped when it has used them up: start it without a CPU limit
        governor           warn     performance, powersave
                                    → echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor
        turbo              warn     on: speed depends on heat and on how many cores work
                                    → echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo
        shared cores       warn     4 logical processors on 2 cores
                                    → use at most 2 threads, or switch SMT off: echo off | sudo tee /sys/devices/system/cpu/smt/control
        clock              warn     812 ns a reading (hpet)
                                    → a reading costs as much as a short query: boot with clocksource=tsc if it can
        hardware counters  warn     missing: the kernel does not allow it (perf_event_paranoid is 3)
                                    → sudo sysctl kernel.perf_event_paranoid=1; in a container also allow perf_event_open

        12 warnings: small differences measured now may not be real.
        """)
    #expect(try JSONDecoder().decode(HealthReport.self, from: report.json()) == report)
  }

  @Test func aMachineSetUpToMeasureGetsNoWarning() throws {
    let probes = MachineHealth.Probes(clockCost: 21.4, counters: .available, build: "release")
    let report = try report(FixtureMachines.server, probes: probes, simd: "neon") { system in
      try system.write("proc/stat", FixtureMachines.stat(busy: 0).replacingOccurrences(of: "4500", with: "4550"))
    }
    #expect(
      report.text == """
        CPU                ARM implementer 0x41 part 0xd0c
        cores              2 logical
        memory             16.0 GiB
        system             Example Linux 12, Linux 6.1.0-18-arm64
        toolchain          Swift 6.3, clang 21.0.0, release
        kernels            neon in use; this CPU can run neon, scalar

        build              ok       release
        busy cores         ok       none of 2
        steal              ok       0.0 % now, 0.0 % since boot
        load               ok       0.00 over the last minute
        memory             ok       15.0 GiB of 16.0 GiB available
        swap               ok       none
        CPU quota          ok       none
        governor           ok       performance
        turbo              ok       off
        shared cores       unknown  /proc/cpuinfo does not tell
        clock              ok       21 ns a reading (arch_sys_counter)
        hardware counters  ok       readable

        Nothing found that would spoil a measurement.
        """)
  }

  @Test func aMachineThatShowsNothingIsUnknownAndNotFine() throws {
    let probes = MachineHealth.Probes(clockCost: 20, counters: .available, build: "release")
    let report = try report(["proc/cpuinfo": ""], probes: probes, simd: "scalar") { _ in }
    let unknown = report.checks.filter { $0.status == .unknown }.map(\.name)
    #expect(
      unknown == ["busy cores", "steal", "load", "memory", "swap", "governor", "turbo", "shared cores"])
  }

  @Test(arguments: [
    (EPERM, "perf_event_paranoid is 2"), (ENOENT, "host"), (EOPNOTSUPP, "host"), (ENOSYS, "kernel was built"),
    (EMFILE, "Too many open files"),
  ])
  func refusedCountersTellWhy(code: Int32, words: String) {
    guard case .unavailable(let reason, let advice) = HardwareCounters.refused(errno: code, paranoid: "2") else {
      Issue.record("\(code) is a refusal")
      return
    }
    #expect(reason.contains(words) && !advice.isEmpty)
  }

  @Test func theCountersOfThisMachineCanBeAskedFor() {
    #expect(HardwareCounters.probe() == HardwareCounters.probe())
  }
}
