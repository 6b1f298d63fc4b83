internal import Files
internal import JSON
internal import Tokenizers

extension LanguageModel {
  /// - Throws: `ModelFileError` with the file and the field or the tensor at fault.
  init(safetensors folder: ModelFolder) throws {
    let weights = try LlamaWeights(folder)
    guard let tokenizer = try TokenizerReader.read(folder) as? ByteLevelBPETokenizer else {
      throw ModelFileError(
        path: folder.file("tokenizer.json"), reason: "is no byte-level BPE, which Llama-family decoders are read with")
    }
    let special = tokenizer.specialTokens
    let spelt = special.filter { Self.endSpellings.contains($0.content) }.map(\.id)
    self.init(
      name: folder.name, weights: weights, tokenizer: tokenizer,
      endTokens: try Set(Self.endTokens(folder, below: tokenizer.vocabularySize) + spelt).sorted(),
      chatTemplate: try ChatTemplate(
        Self.template(folder), path: folder.path, specialTokens: special.map(\.content),
        beginning: Self.spelling("bos_token", folder), end: Self.spelling("eos_token", folder)))
  }

  /// `eos_token_id`, a number or several: what the generation's settings say wins over the model's.
  private static func endTokens(_ folder: ModelFolder, below count: Int) throws -> [Int32] {
    for name in ["generation_config.json", "config.json"] where folder.has(name) {
      let file = try ConfigurationFile(path: folder.file(name))
      guard let value = file.optional("eos_token_id") else { continue }
      return try (value.array ?? [value]).map { value in
        guard let id = value.integer, id >= 0, id < count else {
          throw file.failure("eos_token_id", "names \(value.kind), and there are \(count) tokens")
        }
        return Int32(id)
      }
    }
    return []
  }

  /// A file of its own in newer folders, a field of the tokenizer's settings in older ones.
  private static func template(_ folder: ModelFolder) throws -> String? {
    let own = folder.file("chat_template.jinja")
    if folder.has("chat_template.jinja") {
      do { return try FileBytes(path: own, inflating: false, allowingEmpty: true).text } catch let error as DataError {
        throw ModelFileError(error)
      }
    }
    guard let file = try settings(folder), let value = file.optional("chat_template") else { return nil }
    if let text = value.string { return text }
    let named = value.array?.first { $0["name"]?.string == "default" }
    guard let text = named?["template"]?.string else {
      throw file.failure("chat_template", "must be a text, or a list that has one called \"default\"")
    }
    return text
  }

  private static func spelling(_ field: String, _ folder: ModelFolder) throws -> String {
    guard let value = try settings(folder)?.optional(field) else { return "" }
    return value.string ?? value["content"]?.string ?? ""
  }

  private static func settings(_ folder: ModelFolder) throws -> ConfigurationFile? {
    guard folder.has("tokenizer_config.json") else { return nil }
    return try ConfigurationFile(path: folder.file("tokenizer_config.json"))
  }
}
