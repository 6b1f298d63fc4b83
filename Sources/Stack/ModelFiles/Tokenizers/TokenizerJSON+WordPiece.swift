internal import Tokenizers

extension TokenizerJSON {
  func wordPiece() throws -> WordPieceTokenizer {
    for (field, expected) in [("unk_token", "[UNK]"), ("continuing_subword_prefix", "##")] {
      let value = try model.text(field)
      guard value == expected else { throw model.failure(field, "is \"\(value)\", and \"\(expected)\" is done here") }
    }
    let normalizer = try file.object("normalizer")
    let name = try normalizer.text("type")
    guard name == "BertNormalizer" else {
      throw normalizer.failure("type", "is \"\(name)\", and BertNormalizer is done here")
    }
    let splitter = try file.object("pre_tokenizer")
    let rule = try splitter.text("type")
    guard rule == "BertPreTokenizer" else {
      throw splitter.failure("type", "is \"\(rule)\", and BertPreTokenizer is done here")
    }
    let (before, behind) = try surroundings()
    guard before == ["[CLS]"], behind == ["[SEP]"] else {
      throw file.failure(
        "post_processor", "must put [CLS] before a text and [SEP] behind it, not \(before) and \(behind)")
    }
    let stripAccents =
      normalizer.optional("strip_accents") == nil ? nil : try normalizer.bool("strip_accents", default: true)
    return try WordPieceTokenizer(
      pieces: pieces(), lowercase: normalizer.bool("lowercase", default: true), stripAccents: stripAccents,
      cleanText: normalizer.bool("clean_text", default: true),
      separateCJK: normalizer.bool("handle_chinese_chars", default: true),
      longestWord: model.integer("max_input_chars_per_word", in: 1...1_000_000, default: 100),
      addedTokens: added.map(\.id))
  }
}
