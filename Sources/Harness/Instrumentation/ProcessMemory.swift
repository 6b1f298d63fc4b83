/// What a process holds in memory, in bytes.
public struct ProcessMemory: Sendable, Equatable {
  /// Pages that are this process's alone: what would come back if it ended (`smaps_rollup`).
  public var privateBytes: UInt64
  /// All resident pages, shared ones too.
  public var residentBytes: UInt64
  public var swappedBytes: UInt64

  /// - Parameter process: an id; the calling process when `nil`.
  /// - Returns: `nil` if the process is gone or the kernel has no `smaps_rollup` (below 4.14). Some 0.1 ms a GB.
  public static func read(process: Int32? = nil, from files: SystemFiles = .live) -> ProcessMemory? {
    let folder = process.map { "\($0)" } ?? "self"
    guard let numbers = files.numbers("proc/\(folder)/smaps_rollup"), let resident = numbers["Rss"],
      let clean = numbers["Private_Clean"], let dirty = numbers["Private_Dirty"]
    else { return nil }
    return ProcessMemory(
      privateBytes: clean + dirty + (numbers["Private_Hugetlb"] ?? 0), residentBytes: resident,
      swappedBytes: numbers["Swap"] ?? 0)
  }
}
