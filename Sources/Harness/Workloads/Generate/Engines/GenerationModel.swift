package import Generation

/// A model as the generate workload runs it on the engine of the stack.
package struct GenerationModel {
  package var vocabularySize: Int
  /// The longest sequence that it takes.
  package var contextLength: Int
  /// Bytes that a block of so many tokens takes.
  package var bytesPerBlock: (_ blockSize: Int) throws -> Int
  /// Bytes for keys and values where no budget is given.
  package var usualBudget: (GenerationSetting) throws -> Int
  /// Something that computes its steps, with memory for so many blocks.
  package var executor: (ExecutorShape) throws -> any ModelExecutor

  package init(
    vocabularySize: Int, contextLength: Int, bytesPerBlock: @escaping (_ blockSize: Int) throws -> Int,
    usualBudget: @escaping (GenerationSetting) throws -> Int,
    executor: @escaping (ExecutorShape) throws -> any ModelExecutor
  ) {
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.bytesPerBlock = bytesPerBlock
    self.usualBudget = usualBudget
    self.executor = executor
  }
}

/// What an executor is made for.
package struct ExecutorShape: Sendable, Hashable {
  package var blocks: Int
  package var blockSize: Int
  package var threads: Int
  package var maxBatchedTokens: Int

  package init(blocks: Int, blockSize: Int, threads: Int, maxBatchedTokens: Int) {
    self.blocks = blocks
    self.blockSize = blockSize
    self.threads = threads
    self.maxBatchedTokens = maxBatchedTokens
  }
}

extension GenerationModel {
  /// What a setting needs of an executor.
  ///
  /// - Throws: `EngineError` for sequences that are longer than the model takes, and a budget that holds no block; what keeps the model from having such blocks.
  func shape(_ setting: GenerationSetting, threads: Int) throws -> ExecutorShape {
    guard setting.maxModelLength <= contextLength else {
      throw EngineError(
        "max_model_len \(setting.maxModelLength) is more than the \(contextLength) tokens that the model takes")
    }
    let size = setting.policy.blockSize
    let bytes = try bytesPerBlock(size)
    let blocks =
      switch setting.budget {
      case .blocks(let count): count
      case .bytes(let budget): budget / bytes
      case nil: try usualBudget(setting) / bytes
      }
    guard blocks > 0 else {
      throw EngineError("the KV budget holds no block of \(size) tokens, which takes \(bytes) bytes")
    }
    return ExecutorShape(
      blocks: blocks, blockSize: size, threads: threads, maxBatchedTokens: setting.maxBatchedTokens)
  }
}
