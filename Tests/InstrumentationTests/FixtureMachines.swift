import Instrumentation

/// Machines as their kernels describe them, cut to what is read.
enum FixtureMachines {
  /// A desktop that is not set up to measure: powersave, turbo, SMT, swapping, a busy core, little memory left.
  static let desktop: [String: String] = [
    "proc/cpuinfo": (0..<4).map { number in
      """
      processor	: \(number)
      model name	: Example Core i5-1 @ 2.00GHz
      physical id	: 0
      core id		: \(number / 2)
      flags		: fpu avx2
      """
    }.joined(separator: "\n\n"),
    "proc/meminfo":
      "MemTotal:       8388608 kB\nMemAvailable:   1048576 kB\nSwapTotal: 2097152 kB\nSwapFree: 1048576 kB\n",
    "proc/sys/kernel/osrelease": "6.1.0-18-amd64\n",
    "proc/loadavg": "1.52 0.60 0.30 2/345 6789\n",
    "proc/stat": stat(busy: 0),
    "proc/700/stat": processStat(700, "browser (tab)", ticks: 10),
    "proc/701/stat": processStat(701, "idle", ticks: 10),
    "etc/os-release": "NAME=\"Example\"\nPRETTY_NAME=\"Example Linux 12\"\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
    "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "performance\n",
    "sys/devices/system/cpu/intel_pstate/no_turbo": "0\n",
    "sys/devices/system/cpu/cpu0/cache/index0/level": "1\n",
    "sys/devices/system/cpu/cpu0/cache/index0/type": "Data\n",
    "sys/devices/system/cpu/cpu0/cache/index0/size": "48K\n",
    "sys/devices/system/cpu/cpu0/cache/index1/level": "2\n",
    "sys/devices/system/cpu/cpu0/cache/index1/type": "Unified\n",
    "sys/devices/system/cpu/cpu0/cache/index1/size": "2048K\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet\n",
    "sys/fs/cgroup/cpu.max": "150000 100000\n",
  ]

  /// A server that is.
  static let server: [String: String] = [
    "proc/cpuinfo": """
    processor	: 0
    BogoMIPS	: 2000.00
    CPU implementer	: 0x41
    CPU part	: 0xd0c

    processor	: 1
    CPU implementer	: 0x41
    CPU part	: 0xd0c
    """,
    "proc/meminfo": "MemTotal:       16777216 kB\nMemAvailable:   15728640 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n",
    "proc/sys/kernel/osrelease": "6.1.0-18-arm64\n",
    "proc/loadavg": "0.00 0.01 0.00 1/100 200\n",
    "proc/stat": stat(busy: 0),
    "etc/os-release": "PRETTY_NAME='Example Linux 12'\n",
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
    "sys/devices/system/cpu/cpufreq/boost": "0\n",
    "sys/devices/system/clocksource/clocksource0/current_clocksource": "arch_sys_counter\n",
    "sys/fs/cgroup/cpu.max": "max 100000\n",
  ]

  /// Two processors after `busy` ticks of work on the second; 50 ticks passed, 2 of them stolen, if it is not 0.
  static func stat(busy: Int) -> String {
    let idle = busy == 0 ? 0 : 50
    let stolen = busy == 0 ? 0 : 2
    return """
      cpu  \(1_000 + busy) 0 0 \(9_000 + 2 * idle - busy - stolen) 0 0 0 \(stolen) 0 0
      cpu0 500 0 0 \(4_500 + idle - stolen) 0 0 0 \(stolen) 0 0
      cpu1 \(500 + busy) 0 0 \(4_500 + idle - busy) 0 0 0 0 0 0
      intr 1 2 3

      """
  }

  static func processStat(_ id: Int, _ name: String, ticks: Int) -> String {
    "\(id) (\(name)) R 1 1 1 0 -1 4194304 100 0 0 0 \(ticks) 0 0 0 20 0 1 0 100 1000 100\n"
  }
}
