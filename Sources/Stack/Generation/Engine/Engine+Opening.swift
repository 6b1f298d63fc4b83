public import ModelFiles

extension Engine {
  /// An engine that computes a model here.
  ///
  /// - Throws: `ModelFileError` for weights that are not what the model says; `GenerationError` for options under which
  ///   nothing could ever run, or a shape that cannot be computed.
  public static func open(model: LanguageModel, options: EngineOptions = EngineOptions()) throws -> Engine {
    let shape = model.weights.configuration
    let configuration = try options.schedulerConfiguration(for: shape)
    return try Engine(
      model: model.name, executor: options.executor(for: model.weights), configuration: configuration,
      vocabularySize: shape.vocabularySize, tokenizer: model.tokenizer, endTokens: model.endTokens,
      chatTemplate: model.chatTemplate, seed: options.seed, threads: options.threads, maxWaiting: options.maxWaiting)
  }
}

extension EngineOptions {
  /// What bounds the steps of a model of this shape.
  ///
  /// - Throws: `GenerationError` for a budget that holds no block, more threads or blocks than can be, or a model length that
  ///   the model was not trained for.
  public func schedulerConfiguration(
    for shape: LlamaConfiguration
  ) throws -> SchedulerConfiguration {
    let length = maxModelLength ?? shape.maximumPositions
    guard length <= shape.maximumPositions else {
      throw GenerationError(
        "max_model_len is \(length), and the model was trained for \(shape.maximumPositions) positions; lower it")
    }
    return SchedulerConfiguration(
      policy: policy, blockCount: try blockCount(for: shape), maxBatchedTokens: maxBatchedTokens,
      maxSequences: maxSequences, maxModelLength: length)
  }

  /// The KV budget in blocks.
  ///
  /// - Throws: `GenerationError` if it holds none.
  public func blockCount(for shape: LlamaConfiguration) throws -> Int {
    switch kvBudget {
    case .blocks(let count): return count
    case .bytes(let bytes):
      let blockBytes = try LlamaExecutor.bytesPerBlock(shape, blockSize: policy.blockSize)
      guard bytes >= blockBytes else {
        throw GenerationError(
          "a KV budget of \(bytes) bytes holds no block of \(policy.blockSize) tokens, which takes \(blockBytes); "
            + "give it more memory")
      }
      return bytes / blockBytes
    }
  }

  /// What computes a model's steps.
  ///
  /// - Throws: as `LlamaExecutor`.
  public func executor(for model: any LlamaModel) throws -> any ModelExecutor {
    try LlamaExecutor(
      model: model, blockCount: blockCount(for: model.configuration), blockSize: policy.blockSize, threads: threads,
      maxBatchedTokens: maxBatchedTokens)
  }
}
