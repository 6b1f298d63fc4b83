extension ScheduledRequest {
  /// What the scheduler has to know of a request; see `EngineCore.add`.
  ///
  /// - Throws: `GenerationError` for parameters that are none, or a prompt with tokens that the model does not have.
  init(
    id: Int, prompt: [Int32], sampling: SamplingParameters, endTokens: [Int32], scriptedLengths: [Int]? = nil,
    vocabularySize: Int, maxModelLength: Int
  ) throws(GenerationError) {
    try sampling.check(vocabularySize: vocabularySize)
    if let wrong = prompt.firstIndex(where: { $0 < 0 || Int($0) >= vocabularySize }) {
      throw GenerationError(
        "token \(wrong) of the prompt is \(prompt[wrong]), and the model has tokens 0 to \(vocabularySize - 1)")
    }
    // Without a limit of its own an output may fill the model's context.
    let room = max(1, maxModelLength - prompt.count)
    self.init(
      id: id, prompt: prompt, choices: sampling.choices, maxTokens: sampling.maxTokens ?? room,
      minTokens: min(sampling.minTokens, sampling.maxTokens ?? room),
      stopTokens: Set(sampling.stopTokens + (sampling.ignoreEOS ? [] : endTokens)), outputLengths: scriptedLengths)
  }
}
