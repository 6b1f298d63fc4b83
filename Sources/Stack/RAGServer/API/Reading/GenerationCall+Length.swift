package import Generation

extension GenerationCall {
  /// The sampling of one of the prompts, whose length is known now: `max_tokens` is cut to what the model's length leaves, as
  /// vLLM cuts it.
  ///
  /// - Throws: `APIError` if it leaves none, or fewer than `min_tokens`.
  package func sampling(promptTokens: Int, in model: ServedModel) throws(APIError) -> SamplingParameters {
    guard promptTokens <= model.maxModelLength else {
      throw .badRequest(
        "This model's maximum context length is \(model.maxModelLength) tokens. However, your prompt contains "
          + "\(promptTokens) input tokens, which exceeds this limit even without any output tokens. Please reduce the "
          + "length of the input prompt. (parameter=input_tokens, value=\(promptTokens))", "input_tokens")
    }
    guard promptTokens > 0 else { throw .badRequest("The prompt has no tokens; give it some text.", "prompt") }
    let room = model.maxModelLength - promptTokens
    var sampling = sampling
    let most = min(room, sampling.maxTokens ?? room)
    guard most >= 1 else { throw Self.tooFewTokens(most) }
    guard sampling.minTokens <= most else {
      throw .badRequest(
        "min_tokens must be less than or equal to max_tokens=\(most), got \(sampling.minTokens).", "min_tokens")
    }
    sampling.maxTokens = most
    return sampling
  }

  static func tooFewTokens(_ count: Int) -> APIError {
    .badRequest("max_tokens must be at least 1, got \(count). (parameter=max_tokens, value=\(count))", "max_tokens")
  }
}
