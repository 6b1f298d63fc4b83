internal import ModelFiles

extension LlamaExecutor {
  /// What the kernels take for granted.
  ///
  /// - Throws: `GenerationError` for a token that the vocabulary does not have, a block that the cache does not have, a table
  ///   too short for its run, or ranges outside the step's arrays.
  func check(_ step: ScheduledStep) throws(GenerationError) {
    for copy in step.copies {
      guard isBlock(copy.from), isBlock(copy.to) else {
        throw GenerationError("a step copies block \(copy.from) to \(copy.to) in a cache of \(blockCount)")
      }
    }
    for run in step.runs {
      guard run.tokens.upperBound <= step.tokens.count, run.table.upperBound <= step.tables.count,
        run.tokens.lowerBound >= 0, run.table.lowerBound >= 0, run.start >= 0, !run.tokens.isEmpty
      else {
        throw GenerationError("a run of request \(run.sequence.request) has no tokens, or lies outside its step")
      }
      let end = run.start + run.tokens.count
      guard end <= run.table.count * blockSize else {
        throw GenerationError(
          "\(end) tokens do not fit the \(run.table.count) blocks of request \(run.sequence.request)")
      }
      for token in step.tokens[run.tokens] where token < 0 || token >= configuration.vocabularySize {
        throw GenerationError(
          "token \(token) is not in a vocabulary of \(configuration.vocabularySize); use the model's own tokenizer")
      }
      for block in step.tables[run.table] where !isBlock(block) {
        throw GenerationError("a table of request \(run.sequence.request) has block \(block) of \(blockCount)")
      }
    }
  }

  private func isBlock(_ block: Int32) -> Bool { block >= 0 && Int(block) < blockCount }
}
