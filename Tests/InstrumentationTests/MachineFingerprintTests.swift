import Foundation
import Instrumentation
import Testing

struct MachineFingerprintTests {
  @Test func anIntelDesktopIsReadFromItsFiles() throws {
    let system = try FixtureSystem(FixtureMachines.desktop)
    let machine = MachineFingerprint.read(simd: "avx2", from: system.files)
    #expect(machine.cpu == "Example Core i5-1 @ 2.00GHz")
    #expect(machine.cores == 4 && machine.physicalCores == 2)
    #expect(machine.caches == ["L1d 48 KiB", "L2 2 MiB"])
    #expect(machine.memory == 8 << 30)
    #expect(machine.os == "Example Linux 12" && machine.kernel == "6.1.0-18-amd64")
    #expect(machine.governor == "powersave" && machine.turbo == true && !machine.virtualized)
    #expect(machine.steal == 0 && machine.simd == "avx2")
    #expect(machine.build == Toolchain.configuration && machine.swift == Toolchain.swift)
  }

  @Test func anARMServerHasNoModelName() throws {
    let system = try FixtureSystem(FixtureMachines.server)
    let machine = MachineFingerprint.read(simd: "neon", from: system.files)
    #expect(machine.cpu == "ARM implementer 0x41 part 0xd0c")
    #expect(machine.cores == 2 && machine.physicalCores == nil)
    #expect(machine.caches == [] && machine.turbo == false)
  }

  @Test func aMachineThatShowsNothingHasAFingerprintStill() throws {
    let system = try FixtureSystem([
      "proc/cpuinfo": "", "proc/stat": "cpu garbage\n", "proc/meminfo": ":::\nMemTotal: x",
    ])
    let machine = MachineFingerprint.read(simd: "scalar", from: system.files)
    #expect(machine.cpu == "unknown" && machine.cores == 0 && machine.memory == 0)
    #expect(machine.governor == nil && machine.turbo == nil && machine.steal == nil && machine.physicalCores == nil)
  }

  @Test func twoMachinesDifferByTheFieldsNamed() throws {
    let system = try FixtureSystem(FixtureMachines.desktop)
    let one = MachineFingerprint.read(simd: "avx2", from: system.files)
    var other = one
    other.steal = 0.5
    #expect(one.differences(from: other) == [])
    other.physicalCores = 1
    other.simd = "scalar"
    #expect(one.differences(from: other) == ["physical_cores", "simd"])
    // a field that JSON knows and the comparison does not would go unnoticed
    let fields = try JSONSerialization.jsonObject(with: JSONEncoder().encode(one)) as? [String: Any]
    var blank = MachineFingerprint(cpu: "", cores: -1, memory: 1, os: "", kernel: "", virtualized: true)
    (blank.simd, blank.swift, blank.build, blank.clang) = ("", "", "", "none")
    #expect(Set(one.differences(from: blank)) == Set((fields ?? [:]).keys).subtracting(["steal"]).union(["clang"]))
  }

  @Test func thisMachineHasOne() {
    let machine = MachineFingerprint.read(simd: "scalar")
    #expect(machine.cores > 0 && machine.memory > 0 && machine.cpu != "unknown" && machine.kernel != "unknown")
  }
}
