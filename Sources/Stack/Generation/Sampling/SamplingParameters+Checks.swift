extension SamplingParameters {
  /// The most alternatives that `logprobs` may ask for at a place, as in vLLM.
  public static let mostLogprobs = 20

  /// The most outputs of one request, as in vLLM.
  public static let mostChoices = 16_384

  /// Temperatures below count as 0, as in vLLM.
  static let leastTemperature: Float = 1e-5

  /// The most probable token is taken, always.
  public var isGreedy: Bool { temperature < Self.leastTemperature }

  /// Outputs that are made of the prompt: `bestOf`, or `n`.
  public var choices: Int { bestOf ?? n }

  /// Whether log probabilities have to be computed: they were asked for, or the best outputs are to be found by them.
  var needsLogprobs: Bool { logprobs != nil || choices > n }

  /// - Throws: `GenerationError` that names the parameter which no request can have. Several outputs with temperature 0
  ///   are refused, as vLLM refuses them: they would all be the same.
  public func check(vocabularySize: Int) throws(GenerationError) {
    guard n >= 1 else { throw GenerationError("n must be 1 or more, not \(n)") }
    if let bestOf, bestOf < n { throw GenerationError("best_of must be n (\(n)) or more, not \(bestOf)") }
    guard choices <= Self.mostChoices else {
      throw GenerationError("n and best_of must be at most \(Self.mostChoices), not \(choices)")
    }
    try check("temperature", temperature, isRight: temperature >= 0, "0 or more")
    guard !isGreedy || choices == 1 else {
      throw GenerationError(
        "\(choices) outputs with temperature 0 would all be the same; raise the temperature or ask for one output")
    }
    guard topK >= 0 else { throw GenerationError("top_k must be 0 (all tokens) or more, not \(topK)") }
    try check("top_p", topP, isRight: topP > 0 && topP <= 1, "more than 0 and at most 1")
    try check("min_p", minP, isRight: (0...1).contains(minP), "from 0 to 1")
    try check("repetition_penalty", repetitionPenalty, isRight: repetitionPenalty > 0, "more than 0")
    try check("presence_penalty", presencePenalty, isRight: (-2...2).contains(presencePenalty), "from -2 to 2")
    try check("frequency_penalty", frequencyPenalty, isRight: (-2...2).contains(frequencyPenalty), "from -2 to 2")
    for (token, bias) in logitBias {
      try check("logit_bias of token \(token)", bias, isRight: (-100...100).contains(bias), "from -100 to 100")
      try check(token: token, of: "logit_bias", vocabularySize)
    }
    if let maxTokens, maxTokens < 1 { throw GenerationError("max_tokens must be 1 or more, not \(maxTokens)") }
    guard minTokens >= 0, minTokens <= maxTokens ?? .max else {
      throw GenerationError("min_tokens must be from 0 to max_tokens, not \(minTokens)")
    }
    for token in stopTokens { try check(token: token, of: "stop_token_ids", vocabularySize) }
    if stopStrings.contains("") { throw GenerationError("a stop string must hold a character at least") }
    if let logprobs, !(0...Self.mostLogprobs).contains(logprobs) {
      throw GenerationError("logprobs must be from 0 to \(Self.mostLogprobs), not \(logprobs)")
    }
  }

  private func check(_ name: String, _ value: Float, isRight: Bool, _ right: String) throws(GenerationError) {
    guard isRight, value.isFinite else { throw GenerationError("\(name) must be \(right), not \(value)") }
  }

  private func check(token: Int32, of name: String, _ vocabularySize: Int) throws(GenerationError) {
    guard token >= 0, Int(token) < vocabularySize else {
      throw GenerationError("\(name) names token \(token), and the model has tokens 0 to \(vocabularySize - 1)")
    }
  }
}
