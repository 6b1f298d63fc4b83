internal import Datasets
internal import Embedders
internal import Experiments
internal import Files
internal import Generation
internal import ModelFiles
internal import Spelling
internal import Tokenizers

extension GenerationResources {
  /// Models of the catalogue and of folders on the engine of the stack, simulated devices, and adapter processes.
  ///
  /// - Parameters:
  ///   - folders: where `Benchmarks/adapters` is looked for.
  ///   - exchange: the folder that all adapters of a run share.
  static func standard(
    loader: DatasetLoader, environment: [String: String], folders: [String],
    exchange: @escaping () throws -> AdapterFolder, progress: @escaping FetchProgress
  ) -> GenerationResources {
    GenerationResources(
      prompts: { try prompts($0, loader, progress) },
      tokenizer: { choice in
        choice.isSimulated
          ? nil : try TokenizerReader.read(ModelLibrary(environment: environment).folder(choice.model))
      },
      engine: { choice in
        switch choice.source {
        case .inTree(let name):
          let library = try ModelLibrary(environment: environment)
          return InTreeGenerationEngine { try GenerationModel(LanguageModel.open(library.folder(name))) }
        case .simulated(let specification):
          return SimulatedGenerationEngine(model: GenerationModel(specification))
        case .adapter(let name, let model, let command, let timeout):
          let folder = try ModelLibrary(environment: environment).folder(model)
          return AdapterGenerationEngine(
            name: name,
            command: try AdapterCatalogue.command(
              for: name, given: command, environment: environment, folders: folders),
            model: folder.path, parameters: choice.parameters.dictionary,
            timeouts: WorkloadResources.timeouts(timeout), folder: try exchange())
        }
      })
  }

  private static func prompts(
    _ source: String, _ loader: DatasetLoader, _ progress: @escaping FetchProgress
  ) throws -> String {
    if let entry = loader.catalog.prompts(source) { return try loader.library.path(of: entry, progress: progress) }
    guard source.contains("/") || source.contains(".") else {
      let known = loader.catalog.prompts.map(\.name) + RequestSource.presets.keys.sorted() + ["lengths", "corpus"]
      throw EngineError(
        "no prompts are called '\(source)', and a path has a slash or a dot; \(Spelling.hint(for: source, among: known))"
      )
    }
    return source
  }
}

extension GenerationModel {
  /// Bytes for keys and values that a model on this machine has where no budget is given.
  private static let usualBudget = 1 << 30

  init(_ model: LanguageModel) {
    let configuration = model.weights.configuration
    self.init(
      vocabularySize: configuration.vocabularySize, contextLength: model.contextLength,
      bytesPerBlock: { try LlamaExecutor.bytesPerBlock(configuration, blockSize: $0) },
      usualBudget: { _ in Self.usualBudget },
      executor: { shape in
        try LlamaExecutor(
          model: model.weights, blockCount: shape.blocks, blockSize: shape.blockSize, threads: shape.threads,
          maxBatchedTokens: shape.maxBatchedTokens)
      })
  }

  init(_ specification: SimulatedSpecification) {
    let model = specification.model
    self.init(
      vocabularySize: model.vocabularySize, contextLength: model.maximumPositions,
      bytesPerBlock: { Int(model.cacheBytesPerToken) * $0 },
      usualBudget: { setting in
        Int(
          try specification.cacheBytes(
            maxBatchedTokens: setting.maxBatchedTokens, maxSequences: setting.maxSequences))
      },
      executor: { SimulatedExecutor(cost: specification.cost(blockSize: $0.blockSize)) })
  }
}
