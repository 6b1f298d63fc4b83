internal import ModelFiles

extension ReferenceExecutor {
  /// Steps come from a scheduler that is trusted to be right, and a wrong one would write into memory of others.
  func check(_ step: ScheduledStep) throws {
    let blocks = 0..<Int32(cache.blockCount)
    guard step.copies.allSatisfy({ blocks.contains($0.from) && blocks.contains($0.to) }),
      step.tables.allSatisfy(blocks.contains)
    else { throw GenerationError("a step names a block beyond the \(cache.blockCount) of the cache") }
    for run in step.runs {
      let end = run.start + run.tokens.count
      guard run.start >= 0, !run.tokens.isEmpty, run.tokens.upperBound <= step.tokens.count, run.tokens.lowerBound >= 0,
        run.table.lowerBound >= 0, run.table.upperBound <= step.tables.count,
        run.table.count * cache.blockSize >= end
      else {
        throw GenerationError("a run of request \(run.sequence.request) has tokens without blocks in its step")
      }
      guard end <= configuration.maximumPositions else {
        throw GenerationError(
          "position \(end) lies beyond the model's context of \(configuration.maximumPositions) tokens")
      }
    }
    for token in step.tokens where token < 0 || token >= configuration.vocabularySize {
      throw GenerationError("token \(token) is beyond the model's vocabulary of \(configuration.vocabularySize)")
    }
  }
}
