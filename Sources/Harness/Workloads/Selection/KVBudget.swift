internal import Experiments
internal import Generation
internal import YAML

extension KVBudget {
  /// A section's `kv_memory`, a number of bytes or a size such as 64MiB, or its `kv_blocks`; `nil` where it has neither.
  static func read(_ section: SpecReader) -> KVBudget? {
    let blocks = section.has("kv_blocks") ? section.integer("kv_blocks", in: 1...1 << 31, default: 1) : nil
    let word = section.value("kv_memory")
    if let blocks {
      if word != nil { section.report("kv_memory", "'kv_blocks' gives the same budget; leave one of the two out") }
      return .blocks(blocks)
    }
    guard let word else { return nil }
    guard let budget = try? KVBudget(parsing: word.string ?? "") else {
      section.report("kv_memory", "must be a size such as 64MiB or 2GB, not \(word.kind)")
      return nil
    }
    return budget
  }
}
