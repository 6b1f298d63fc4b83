internal import Experiments
internal import YAML

/// How much memory an engine has for keys and values.
package enum KVBudget: Sendable, Hashable {
  case bytes(Int)
  /// Of the policy's size each.
  case blocks(Int)

  /// A section's `kv_memory`, a number of bytes or a size such as 64MiB, or its `kv_blocks`; `nil` where it has neither.
  static func read(_ section: SpecReader) -> KVBudget? {
    let blocks = section.has("kv_blocks") ? section.integer("kv_blocks", in: 1...1 << 31, default: 1) : nil
    let word = section.value("kv_memory")
    if let blocks {
      if word != nil { section.report("kv_memory", "'kv_blocks' gives the same budget; leave one of the two out") }
      return .blocks(blocks)
    }
    guard let word else { return nil }
    guard let bytes = bytes(word.string ?? "") else {
      section.report("kv_memory", "must be a size such as 64MiB or 2GB, not \(word.kind)")
      return nil
    }
    return .bytes(bytes)
  }

  private static let units: [(name: String, bytes: Double)] = [
    ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1),
  ]

  private static func bytes(_ word: String) -> Int? {
    let unit = units.first { word.hasSuffix($0.name) }
    let digits = word.dropLast(unit?.name.count ?? 0).replacing(" ", with: "")
    guard let number = Double(digits) else { return nil }
    let bytes = number * (unit?.bytes ?? 1)
    return (1...1e15).contains(bytes) ? Int(bytes) : nil
  }
}
