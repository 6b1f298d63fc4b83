/// How much memory there is for keys and values: the counterpart of vLLM's `gpu_memory_utilization`.
public enum KVBudget: Sendable, Hashable {
  case bytes(Int)
  /// Of the policy's size each.
  case blocks(Int)

  private static let units: [(name: String, bytes: Double)] = [
    ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1),
  ]

  /// A size in words: "64MiB", "2 GB", "1000000".
  ///
  /// - Throws: `GenerationError` if it is none, or is less than a byte or more than a petabyte.
  public init(parsing word: String) throws(GenerationError) {
    let unit = Self.units.first { word.hasSuffix($0.name) }
    let digits = word.dropLast(unit?.name.count ?? 0).filter { $0 != " " }
    guard let number = Double(digits), case let bytes = number * (unit?.bytes ?? 1), (1...1e15).contains(bytes) else {
      throw GenerationError("'\(word)' is no size of memory such as 64MiB or 2GB")
    }
    self = .bytes(Int(bytes))
  }
}
