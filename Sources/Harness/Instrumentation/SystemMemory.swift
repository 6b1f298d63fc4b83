/// The machine's memory as it is now.
public enum SystemMemory {
  /// Bytes that a new process could take without swapping (`MemAvailable`); `nil` where the kernel does not say.
  public static func available(from files: SystemFiles = .live) -> Int? {
    files.numbers("proc/meminfo")?["MemAvailable"].map { Int($0) }
  }
}
