/// What a run was measured on: stored with it, so that results of different machines are not mistaken for each other.
///
/// A `nil` could not be read on that machine.
public struct MachineFingerprint: Sendable, Equatable, Codable {
  public var cpu: String
  /// Logical processors that are online.
  public var cores: Int
  /// Cores behind them, fewer where two threads share one.
  public var physicalCores: Int?
  /// Of the first core: "L1d 48 KiB", "L2 1 MiB", "L3 32 MiB".
  public var caches: [String]
  /// Bytes.
  public var memory: UInt64
  public var os: String
  public var kernel: String
  /// How the CPU's frequency is chosen: "performance", "powersave", ….
  public var governor: String?
  /// Whether the frequency may rise above the nominal one.
  public var turbo: Bool?
  public var virtualized: Bool
  /// Share of CPU time since boot that the hypervisor gave to others.
  public var steal: Double?
  /// Kernels in use: "avx512", "avx2", "neon", "scalar".
  public var simd: String
  /// Toolchain that built the program.
  public var swift: String
  public var clang: String?
  /// "release" or "debug".
  public var build: String

  public init(
    cpu: String, cores: Int, physicalCores: Int? = nil, caches: [String] = [], memory: UInt64, os: String = "unknown",
    kernel: String = "unknown", governor: String? = nil, turbo: Bool? = nil, virtualized: Bool = false,
    steal: Double? = nil, simd: String = "unknown", swift: String = "unknown", clang: String? = nil,
    build: String = "unknown"
  ) {
    self.cpu = cpu
    self.cores = cores
    self.physicalCores = physicalCores
    self.caches = caches
    self.memory = memory
    self.os = os
    self.kernel = kernel
    self.governor = governor
    self.turbo = turbo
    self.virtualized = virtualized
    self.steal = steal
    self.simd = simd
    self.swift = swift
    self.clang = clang
    self.build = build
  }

  private enum CodingKeys: String, CodingKey {
    case cpu, cores
    case physicalCores = "physical_cores"
    case caches, memory, os, kernel, governor, turbo, virtualized, steal, simd, swift, clang, build
  }

  /// Names of the fields, as in JSON, in which two machines differ; steal time, which is never the same twice, is none.
  public func differences(from other: MachineFingerprint) -> [String] {
    var names: [String] = []
    func compare<T: Equatable>(_ name: String, _ field: KeyPath<MachineFingerprint, T>) {
      if self[keyPath: field] != other[keyPath: field] { names.append(name) }
    }
    compare("cpu", \.cpu)
    compare("cores", \.cores)
    compare("physical_cores", \.physicalCores)
    compare("caches", \.caches)
    compare("memory", \.memory)
    compare("os", \.os)
    compare("kernel", \.kernel)
    compare("governor", \.governor)
    compare("turbo", \.turbo)
    compare("virtualized", \.virtualized)
    compare("simd", \.simd)
    compare("swift", \.swift)
    compare("clang", \.clang)
    compare("build", \.build)
    return names
  }
}
