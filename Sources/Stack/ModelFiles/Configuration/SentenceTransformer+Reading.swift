internal import JSON

extension SentenceTransformer {
  /// - Throws: `ModelFileError` with the file and the field at fault: a module that is not known here, no pooling mode or
  ///   several at once, or a file that is missing.
  public init(_ folder: ModelFolder) throws {
    self.init(
      pooling: .mean, normalizes: true, maximumTokens: try Self.maximumTokens(folder),
      prompts: try Self.prompts(folder), isAssumed: true)
    guard folder.has("modules.json") else { return }
    isAssumed = false
    normalizes = false
    var hasPooling = false
    let path = folder.file("modules.json")
    guard let modules = try ConfigurationFile.value(path: path).array else {
      throw ModelFileError(path: path, reason: "must hold a list of modules")
    }
    for (index, module) in modules.enumerated() {
      let place = "field '[\(index)].type'"
      guard let type = module["type"]?.string, let directory = module["path"]?.string else {
        throw ModelFileError(path: path, place: place, reason: "a module needs 'type' and 'path'")
      }
      switch type.split(separator: ".").last {
      case "Transformer":
        guard directory.isEmpty else {
          throw ModelFileError(
            path: path, place: "field '[\(index)].path'",
            reason: "weights are read from the folder itself, not from '\(directory)'")
        }
      case "Pooling":
        pooling = try Self.pooling(folder.file("\(directory)/config.json"))
        hasPooling = true
      case "Normalize": normalizes = true
      default:
        throw ModelFileError(
          path: path, place: place,
          reason: "is \"\(type)\"; known here are Transformer, Pooling and Normalize of sentence_transformers.models")
      }
    }
    guard hasPooling else { throw ModelFileError(path: path, reason: "names no Pooling module") }
  }

  private static func pooling(_ path: String) throws -> Pooling {
    let file = try ConfigurationFile(path: path)
    let modes: [(field: String, pooling: Pooling?)] = [
      ("pooling_mode_cls_token", .cls), ("pooling_mode_mean_tokens", .mean), ("pooling_mode_max_tokens", .max),
      ("pooling_mode_mean_sqrt_len_tokens", nil), ("pooling_mode_weightedmean_tokens", nil),
      ("pooling_mode_lasttoken", nil),
    ]
    let chosen = try modes.filter { try file.bool($0.field, default: false) }
    guard chosen.count == 1, let first = chosen.first else {
      throw ModelFileError(
        path: path,
        reason: chosen.isEmpty
          ? "sets no pooling mode" : "sets \(chosen.map(\.field).joined(separator: " and ")); one is read here")
    }
    guard let pooling = first.pooling else {
      throw file.failure(first.field, "is not read here; known are the modes cls_token, mean_tokens and max_tokens")
    }
    return pooling
  }

  private static func maximumTokens(_ folder: ModelFolder) throws -> Int? {
    guard folder.has("sentence_bert_config.json") else { return nil }
    let file = try ConfigurationFile(path: folder.file("sentence_bert_config.json"))
    return file.optional("max_seq_length") == nil ? nil : try file.integer("max_seq_length", in: 3...1_048_576)
  }

  private static func prompts(_ folder: ModelFolder) throws -> [String: String] {
    guard folder.has("config_sentence_transformers.json") else { return folder.prompts }
    let file = try ConfigurationFile(path: folder.file("config_sentence_transformers.json"))
    guard file.optional("prompts") != nil else { return folder.prompts }
    let prompts = try file.object("prompts")
    let own = try Dictionary(
      prompts.members.map { ($0.name, try prompts.text($0.name)) }, uniquingKeysWith: { first, _ in first })
    return own.allSatisfy { $0.value.isEmpty } ? folder.prompts : own
  }
}
