internal import JSON
public import Tokenizers

/// Reads the tokenizer of a model's folder: `tokenizer.json`, `vocab.txt` with `tokenizer_config.json`, or what a `.gguf` file
/// holds.
public enum TokenizerReader {
  /// - Throws: `ModelFileError` with the file and the field at fault, or if the vocabulary does not fit the model.
  public static func read(_ folder: ModelFolder) throws -> any Tokenizer {
    let path: String
    let tokenizer: any Tokenizer
    if folder.has("tokenizer.json") {
      path = folder.file("tokenizer.json")
      tokenizer = try TokenizerJSON(path: path).tokenizer()
    } else if folder.has("vocab.txt") {
      path = folder.file("vocab.txt")
      tokenizer = try VocabularyText.tokenizer(folder)
    } else if let weights = try folder.weights(endingIn: ".gguf") {
      return try GGUFFile(path: weights).tokenizer()
    } else {
      throw ModelFileError(
        path: folder.path, reason: "holds no tokenizer: neither tokenizer.json nor vocab.txt nor a .gguf file")
    }
    try check(tokenizer.vocabularySize, path: path, against: folder)
    return tokenizer
  }

  /// Models may have a few rows more than there are pieces, to fill a round number; never fewer.
  private static func check(_ size: Int, path: String, against folder: ModelFolder) throws {
    guard folder.has("config.json") else { return }
    let file = try ConfigurationFile(path: folder.file("config.json"))
    guard file.optional("vocab_size") != nil else { return }
    let rows = try file.integer("vocab_size", in: 1...Int(Int32.max))
    guard size <= rows, rows - size < 1024 else {
      throw ModelFileError(
        path: path,
        reason: "has \(size) pieces, and the model was trained with \(rows) (vocab_size of config.json); "
          + "take the tokenizer that came with the weights")
    }
  }
}
