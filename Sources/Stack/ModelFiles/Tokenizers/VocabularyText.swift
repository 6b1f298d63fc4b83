internal import Files
internal import JSON
internal import Tokenizers

/// BERT's older files: `vocab.txt`, a piece a line, and `tokenizer_config.json`.
enum VocabularyText {
  static func tokenizer(_ folder: ModelFolder) throws -> WordPieceTokenizer {
    let path = folder.file("vocab.txt")
    var lowercase = true
    var stripAccents: Bool?
    var separateCJK = true
    if folder.has("tokenizer_config.json") {
      let file = try ConfigurationFile(path: folder.file("tokenizer_config.json"))
      lowercase = try file.bool("do_lower_case", default: true)
      stripAccents = file.optional("strip_accents") == nil ? nil : try file.bool("strip_accents", default: true)
      separateCJK = try file.bool("tokenize_chinese_chars", default: true)
      guard try file.bool("do_basic_tokenize", default: true) else {
        throw file.failure("do_basic_tokenize", "is false, and texts are always cut into words first here")
      }
      if let name = file.optional("tokenizer_class")?.string, !["BertTokenizer", "BertTokenizerFast"].contains(name) {
        throw file.failure("tokenizer_class", "is \"\(name)\", and vocab.txt is read for BertTokenizer only")
      }
    }
    do {
      return try WordPieceTokenizer(
        pieces: try pieces(path: path), lowercase: lowercase, stripAccents: stripAccents, separateCJK: separateCJK)
    } catch let error as TokenizerError {
      throw ModelFileError(path: path, reason: error.description)
    }
  }

  private static func pieces(path: String) throws -> [String] {
    let file: FileBytes
    do {
      file = try FileBytes(path: path, inflating: false)
    } catch let error as DataError {
      throw ModelFileError(error)
    }
    defer { withExtendedLifetime(file) {} }
    var lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return try lines.enumerated().map { index, line in
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let piece = String(validating: line, as: UTF8.self) else {
        throw ModelFileError(path: path, place: "line \(index + 1)", reason: "is no valid UTF-8")
      }
      return piece
    }
  }
}
