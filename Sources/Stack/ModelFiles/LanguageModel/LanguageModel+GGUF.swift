internal import Tokenizers

extension LanguageModel {
  /// The model of a GGUF file, which describes all of it.
  ///
  /// - Throws: `ModelFileError` with the key or the tensor at fault.
  public init(_ file: GGUFFile, name: String) throws {
    let weights = try LlamaWeights(file)
    let tokenizer = try file.tokenizer()
    let special = tokenizer.specialTokens
    func id(_ name: String) throws -> Int32? {
      let key = "tokenizer.ggml.\(name)_token_id"
      guard file.metadata[key] != nil else { return nil }
      return Int32(try file.integer(key, in: 0...tokenizer.vocabularySize - 1))
    }
    let named = try ["eos", "eot", "eom"].compactMap(id)
    let spelt = special.filter { Self.endSpellings.contains($0.content) }.map(\.id)
    func spelling(_ name: String) throws -> String {
      try id(name).map { tokenizer.decode([$0], skipSpecialTokens: false) } ?? ""
    }
    let key = "tokenizer.chat_template"
    let source = file.metadata[key] == nil ? nil : try file.value(key, \.string)
    self.init(
      name: name, weights: weights, tokenizer: tokenizer, endTokens: Set(named + spelt).sorted(),
      chatTemplate: try ChatTemplate(
        source, path: file.path, specialTokens: special.map(\.content), beginning: spelling("bos"), end: spelling("eos")
      ))
  }
}
