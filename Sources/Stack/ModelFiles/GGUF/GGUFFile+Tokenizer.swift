public import Tokenizers

extension GGUFFile {
  /// The tokenizer that the metadata describes (`tokenizer.ggml.*`): byte-level BPE as GPT-2, Llama 3, Qwen 2 or SmolLM has it.
  ///
  /// - Throws: `ModelFileError` with the key at fault, or if the vocabulary is larger than the model's embedding table.
  public func tokenizer() throws -> ByteLevelBPETokenizer {
    let kind = try value("tokenizer.ggml.model", \.string)
    guard kind == "gpt2" else {
      throw failure("tokenizer.ggml.model", "is \"\(kind)\", and byte-level BPE (\"gpt2\") is read here")
    }
    let rule = try value("tokenizer.ggml.pre", \.string)
    let rules: [String: WordSplitter] = [
      "gpt-2": .gpt2, "smollm": .smollm, "llama-bpe": .llama3, "llama3": .llama3, "llama-v3": .llama3,
      "qwen2": .qwen2,
    ]
    guard let splitter = rules[rule] else {
      throw failure("tokenizer.ggml.pre", "is \"\(rule)\"; known are \(rules.keys.sorted().joined(separator: ", "))")
    }
    let tokens = try strings("tokenizer.ggml.tokens")
    let types = try value("tokenizer.ggml.token_type", \.array).map(\.integer)
    guard types.count == tokens.count else {
      throw failure("tokenizer.ggml.token_type", "has \(types.count) entries for \(tokens.count) tokens")
    }
    // 3 is a control token, 4 one that a user added (llama.h, `llama_token_type`).
    let special = types.indices.filter { types[$0] == 3 || types[$0] == 4 }.map { Int32($0) }
    let merges = try strings("tokenizer.ggml.merges").enumerated().map { rank, text in
      let parts = text.split(separator: " ")
      guard parts.count == 2 else {
        throw failure("tokenizer.ggml.merges", "entry \(rank), '\(text)', does not name two pieces")
      }
      return (left: String(parts[0]), right: String(parts[1]))
    }
    try check(tokens.count)
    let addsBeginning = metadata["tokenizer.ggml.add_bos_token"]?.bool ?? false
    let beginning = addsBeginning ? try value("tokenizer.ggml.bos_token_id", \.integer) : nil
    if let beginning, !tokens.indices.contains(beginning) {
      throw failure("tokenizer.ggml.bos_token_id", "is \(beginning), and there are \(tokens.count) tokens")
    }
    do {
      return try ByteLevelBPETokenizer(
        tokens: tokens, merges: merges, specialTokens: special, splitter: splitter,
        beginning: beginning.map { Int32($0) }, takesWholeWords: splitter == .llama3)
    } catch {
      throw ModelFileError(path: path, reason: "\(error)")
    }
  }

  private func check(_ tokens: Int) throws {
    guard let table = try? tensor("token_embd.weight") else { return }
    guard table.shape.count == 2, tokens <= table.shape[1] else {
      throw failure(
        "tokenizer.ggml.tokens",
        "has \(tokens) tokens, and the model was trained with \(table.shape.last ?? 0) (rows of token_embd.weight)")
    }
  }

  private func strings(_ key: String) throws -> [String] {
    try value(key, \.array).enumerated().map { index, value in
      guard let text = value.string else { throw failure(key, "entry \(index) is no text") }
      return text
    }
  }
}
