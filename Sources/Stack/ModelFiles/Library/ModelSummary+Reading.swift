internal import Files

extension ModelSummary {
  /// Reads headers and configurations; weights stay on disk.
  ///
  /// - Throws: `ModelFileError` with what is missing or damaged.
  public init(_ folder: ModelFolder) throws {
    let files = try Self.files(of: folder)
    if let weights = try folder.weights(endingIn: ".gguf") {
      self.init(try GGUFFile(path: weights), of: folder, files: files)
      return
    }
    let kind = try ConfigurationFile(path: folder.file("config.json")).text("model_type")
    if ["llama", "mistral", "qwen2"].contains(kind) {
      try self.init(decoder: folder, architecture: kind, files: files)
    } else {
      try self.init(encoder: folder, files: files)
    }
  }

  private init(decoder folder: ModelFolder, architecture: String, files: [File]) throws {
    let shape = try LlamaConfiguration(folder)
    let tensors = try LlamaWeights.files(folder).flatMap(\.tensors)
    self.init(
      name: folder.name, path: folder.path, architecture: architecture, layers: shape.layers,
      hiddenSize: shape.hiddenSize, heads: shape.heads, keyValueHeads: shape.keyValueHeads,
      intermediateSize: shape.intermediateSize, vocabulary: shape.vocabularySize,
      maximumTokens: shape.maximumPositions, parameters: tensors.reduce(0) { $0 + $1.count },
      types: tensors.reduce(into: [:]) { $0[$1.type.rawValue, default: 0] += 1 }, files: files)
  }

  private init(encoder folder: ModelFolder, files: [File]) throws {
    let shape = try BERTConfiguration(folder)
    let transformer = try SentenceTransformer(folder)
    let tensors = try SafetensorsFile(path: folder.file("model.safetensors")).tensors
    self.init(
      name: folder.name, path: folder.path, architecture: "bert", layers: shape.layers, hiddenSize: shape.hiddenSize,
      heads: shape.heads, intermediateSize: shape.intermediateSize, vocabulary: shape.vocabularySize,
      maximumTokens: min(transformer.maximumTokens ?? .max, shape.maximumPositions),
      // Integers are positions, which are counted rather than learnt.
      parameters: tensors.filter { $0.type != .i64 }.reduce(0) { $0 + $1.count },
      types: tensors.reduce(into: [:]) { $0[$1.type.rawValue, default: 0] += 1 },
      pooling: transformer.pooling.rawValue, normalizes: transformer.normalizes,
      isPoolingAssumed: transformer.isAssumed,
      prompts: transformer.prompts, files: files)
  }

  private init(_ file: GGUFFile, of folder: ModelFolder, files: [File]) {
    let architecture = file.metadata["general.architecture"]?.string
    func number(_ key: String) -> Int? { architecture.flatMap { file.metadata["\($0).\(key)"]?.integer } }
    self.init(
      name: folder.name, path: folder.path, architecture: architecture, layers: number("block_count"),
      hiddenSize: number("embedding_length"), heads: number("attention.head_count"),
      keyValueHeads: number("attention.head_count_kv"),
      intermediateSize: number("feed_forward_length"),
      vocabulary: file.metadata["tokenizer.ggml.tokens"]?.array?.count ?? number("vocab_size"),
      maximumTokens: number("context_length"),
      parameters: file.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) },
      types: file.tensors.reduce(into: [:]) { $0[$1.type.name, default: 0] += 1 }, files: files)
  }

  private static func files(of folder: ModelFolder, below prefix: String = "") throws -> [File] {
    do {
      return try Folder.names(folder.file(prefix)).filter { !$0.hasPrefix(".") }.flatMap { name -> [File] in
        let path = prefix + name
        if Folder.exists(folder.file(path)) { return try files(of: folder, below: "\(path)/") }
        return [File(name: path, bytes: FileStamp(path: folder.file(path))?.bytes ?? 0)]
      }
    } catch let error as DataError {
      throw ModelFileError(error)
    }
  }
}
