internal import JSON
internal import Tokenizers

extension TokenizerJSON {
  func byteLevelBPE() throws -> ByteLevelBPETokenizer {
    for field in ["byte_fallback", "fuse_unk"] where try model.bool(field, default: false) {
      throw model.failure(field, "is true, and only byte-level BPE without it is done here")
    }
    for field in ["dropout", "continuing_subword_prefix", "end_of_word_suffix"] {
      guard let value = model.optional(field), value != .string("") else { continue }
      throw model.failure(field, "is \(value.kind), and only byte-level BPE without it is done here")
    }
    if let normalizer = file.optional("normalizer") {
      throw file.failure(
        "normalizer", "is \(normalizer["type"]?.kind ?? normalizer.kind), and a BPE without one is done here")
    }
    let pieces = try pieces()
    let (before, behind) = try surroundings()
    guard before.count <= 1, behind.isEmpty else {
      throw file.failure("post_processor", "puts \(before + behind) around a text; one token before it is done here")
    }
    let beginning = try before.first.map { name in
      guard let id = pieces.firstIndex(of: name) else {
        throw file.failure("post_processor", "names '\(name)', which is not in the vocabulary")
      }
      return Int32(id)
    }
    return try ByteLevelBPETokenizer(
      tokens: pieces, merges: merges(), specialTokens: added.map(\.id), splitter: splitter(), beginning: beginning,
      takesWholeWords: model.bool("ignore_merges", default: false))
  }

  /// Pairs as `"a b"`, or as `["a", "b"]` since version 0.20 of the library.
  private func merges() throws -> [(left: String, right: String)] {
    try model.list("merges").enumerated().map { rank, merge in
      let parts =
        merge.array?.compactMap(\.string) ?? merge.string.map { $0.split(separator: " ").map(String.init) } ?? []
      guard parts.count == 2 else { throw model.failure("merges[\(rank)]", "must name two pieces, not \(merge.kind)") }
      return (parts[0], parts[1])
    }
  }

  private static let llama3Pattern = pattern(number: #"\p{N}{1,3}"#)
  private static let qwen2Pattern = pattern(number: #"\p{N}"#)

  private static func pattern(number: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\#(number)| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  private func splitter() throws -> WordSplitter {
    let outer = try file.object("pre_tokenizer")
    var steps = [outer]
    if try outer.text("type") == "Sequence" {
      steps = try outer.list("pretokenizers").enumerated().map { index, value in
        try outer.object(value, at: "pretokenizers[\(index)]")
      }
    }
    let types = try steps.map { try $0.text("type") }
    let unknown = file.failure(
      "pre_tokenizer",
      "is \(types.joined(separator: ", ")) with rules that are not those of GPT-2, Llama 3, Qwen 2 or SmolLM")
    guard let last = steps.last, types.last == "ByteLevel", try !last.bool("add_prefix_space", default: true) else {
      throw unknown
    }
    let usesExpression = try last.bool("use_regex", default: true)
    switch types.dropLast() {
    case []: if usesExpression { return .gpt2 }
    case ["Digits"]:
      if usesExpression, try steps[0].bool("individual_digits", default: false) { return .smollm }
    case ["Split"]:
      let isWhole = try steps[0].text("behavior") == "Isolated" && !steps[0].bool("invert", default: false)
      if !usesExpression, isWhole, let rule = try? steps[0].object("pattern").text("Regex") {
        if rule == Self.llama3Pattern { return .llama3 }
        if rule == Self.qwen2Pattern { return .qwen2 }
      }
    default: break
    }
    throw unknown
  }
}
