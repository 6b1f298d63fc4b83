import Foundation

extension MachineFingerprint {
  /// The machine as its kernel describes it.
  ///
  /// - Parameter simd: the name of the kernels in use, which only the stack knows.
  public static func read(simd: String, from files: SystemFiles = .live) -> MachineFingerprint {
    let processors = Processors(files)
    return MachineFingerprint(
      cpu: processors.model, cores: processors.logical, physicalCores: processors.physical, caches: caches(files),
      memory: files.numbers("proc/meminfo")?["MemTotal"] ?? 0, os: operatingSystem(files),
      kernel: files.text("proc/sys/kernel/osrelease") ?? "unknown",
      governor: files.text("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"), turbo: turbo(files),
      virtualized: processors.hypervisor, steal: CPUTimes(files)?.total.stealShare, simd: simd,
      swift: Toolchain.swift, clang: Toolchain.clang, build: Toolchain.configuration)
  }

  private static func operatingSystem(_ files: SystemFiles) -> String {
    for line in (files.text("etc/os-release") ?? "").split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
      return line.dropFirst("PRETTY_NAME=".count).trimmingCharacters(in: CharacterSet(charactersIn: "\"'"))
    }
    return "unknown"
  }

  static func turbo(_ files: SystemFiles) -> Bool? {
    if let boost = files.text("sys/devices/system/cpu/cpufreq/boost") { return boost == "1" }
    return files.text("sys/devices/system/cpu/intel_pstate/no_turbo").map { $0 == "0" }
  }

  private static func caches(_ files: SystemFiles) -> [String] {
    let folder = "sys/devices/system/cpu/cpu0/cache"
    return files.names(in: folder).filter { $0.hasPrefix("index") }.compactMap { index in
      guard let level = files.text("\(folder)/\(index)/level"), let size = files.text("\(folder)/\(index)/size")
      else { return nil }
      let letter =
        switch files.text("\(folder)/\(index)/type") {
        case "Data": "d"
        case "Instruction": "i"
        default: ""
        }
      return "L\(level)\(letter) \(readable(size))"
    }
  }

  /// The kernel's "1024K" as "1 MiB".
  private static func readable(_ size: String) -> String {
    guard size.hasSuffix("K"), let kibibytes = Int(size.dropLast()) else { return size }
    return kibibytes % 1_024 == 0 ? "\(kibibytes / 1_024) MiB" : "\(kibibytes) KiB"
  }
}

/// What /proc/cpuinfo tells, in the words of x86 and of ARM.
struct Processors {
  var model = "unknown"
  var logical = 0
  var physical: Int?
  var hypervisor = false

  init(_ files: SystemFiles) {
    var fields: [String: String] = [:]
    var cores: Set<String> = []
    for block in (files.text("proc/cpuinfo") ?? "").components(separatedBy: "\n\n") {
      var own: [String: String] = [:]
      for line in block.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        if parts.count == 2 { own[parts[0]] = parts[1] }
      }
      if own["processor"] != nil { logical += 1 }
      if let core = own["core id"] { cores.insert("\(own["physical id"] ?? "0")/\(core)") }
      fields.merge(own) { first, _ in first }
    }
    if let name = fields["model name"] ?? fields["Model"] ?? fields["Hardware"] {
      model = name
    } else if let implementer = fields["CPU implementer"], let part = fields["CPU part"] {
      model = "ARM implementer \(implementer) part \(part)"
    }
    physical = cores.isEmpty ? nil : cores.count
    hypervisor =
      (fields["flags"] ?? "").split(separator: " ").contains("hypervisor")
      || files.text("sys/hypervisor/type") != nil
  }
}
