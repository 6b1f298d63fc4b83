internal import Generation
internal import JSON

extension RequestBody {
  /// How outputs are chosen and end; bounds are vLLM's.
  func sampling(
    _ endpoint: GenerationCall.Endpoint, vocabularySize: Int
  ) throws(APIError) -> SamplingParameters {
    var sampling = SamplingParameters()
    sampling.n = try count("n") ?? 1
    sampling.bestOf = try count("best_of")
    if let best = sampling.bestOf, best < sampling.n {
      throw .badRequest("best_of must be at least n=\(sampling.n), got \(best).", "best_of")
    }
    sampling.temperature = try bounded("temperature", "in [0, 2]") { $0 >= 0 && $0 <= 2 } ?? 1
    sampling.topP = try bounded("top_p", "in (0, 1]") { $0 > 0 && $0 <= 1 } ?? 1
    sampling.minP = try bounded("min_p", "in [0, 1]") { $0 >= 0 && $0 <= 1 } ?? 0
    sampling.presencePenalty = try bounded("presence_penalty", "in [-2, 2]") { abs($0) <= 2 } ?? 0
    sampling.frequencyPenalty = try bounded("frequency_penalty", "in [-2, 2]") { abs($0) <= 2 } ?? 0
    sampling.repetitionPenalty = try bounded("repetition_penalty", "greater than zero") { $0 > 0 } ?? 1
    sampling.topK = try topK()
    sampling.logitBias = try logitBias(vocabularySize)
    // vLLM's word for no seed.
    sampling.seed = try integer("seed").flatMap { $0 == -1 ? nil : UInt64(bitPattern: Int64($0)) }
    sampling.maxTokens = try maxTokens(endpoint)
    sampling.minTokens = try integer("min_tokens") ?? 0
    guard sampling.minTokens >= 0 else {
      throw .badRequest("min_tokens must be greater than or equal to 0, got \(sampling.minTokens).", "min_tokens")
    }
    sampling.stopStrings = try strings("stop") ?? []
    guard !sampling.stopStrings.contains("") else { throw .badRequest("stop cannot contain an empty string.", "stop") }
    sampling.stopTokens = try stopTokens(vocabularySize)
    sampling.ignoreEOS = try bool("ignore_eos") ?? false
    sampling.logprobs = endpoint == .chat ? try chatLogprobs() : try logprobs("logprobs")
    guard !sampling.isGreedy || sampling.choices == 1 else {
      throw .badRequest("n must be 1 when using greedy sampling, got \(sampling.choices).", "n")
    }
    return sampling
  }

  private func count(_ name: String) throws(APIError) -> Int? {
    guard let value = try integer(name) else { return nil }
    guard value >= 1 else { throw .badRequest("\(name) must be at least 1, got \(value).") }
    guard value <= SamplingParameters.mostChoices else {
      throw .badRequest("\(name) must be at most \(SamplingParameters.mostChoices), got \(value).")
    }
    return value
  }

  private func bounded(
    _ name: String, _ bounds: String, isInside: (Double) -> Bool
  ) throws(APIError) -> Float? {
    guard let value = try number(name) else { return nil }
    // Too large, or too near to 0, for a model's own kind of number.
    let rounded = Float(value)
    guard isInside(value), rounded.isFinite, isInside(Double(rounded)) else {
      throw .badRequest("\(name) must be \(bounds), got \(value). (parameter=\(name), value=\(value))", name)
    }
    return rounded
  }

  private func topK() throws(APIError) -> Int {
    let value = try integer("top_k") ?? 0
    guard value >= -1 else {
      throw .badRequest("top_k must be 0 (disable), or at least 1, got \(value).", "top_k")
    }
    return max(0, value)
  }

  private func logitBias(_ vocabularySize: Int) throws(APIError) -> [Int32: Float] {
    var biases: [Int32: Float] = [:]
    for member in try object("logit_bias") ?? [] {
      guard let token = Int(member.name) else {
        throw .badRequest(
          "logit_bias contains key(s) that cannot be converted to integer token IDs: \(member.name)", "logit_bias")
      }
      guard (0..<vocabularySize).contains(token) else { throw outOfVocabulary(token, "logit_bias", vocabularySize) }
      guard let bias = member.value.number else {
        throw .malformed(
          "a bias should be a number, not \(member.value.kind)", "body.logit_bias.\(member.name)")
      }
      biases[Int32(token)] = Float(min(100, max(-100, bias)))
    }
    return biases
  }

  private func stopTokens(_ vocabularySize: Int) throws(APIError) -> [Int32] {
    let ids = try integers("stop_token_ids") ?? []
    if let stranger = ids.first(where: { !(0..<vocabularySize).contains($0) }) {
      throw outOfVocabulary(stranger, "stop_token_ids", vocabularySize)
    }
    return ids.map(Int32.init)
  }

  private func outOfVocabulary(_ token: Int, _ field: String, _ vocabularySize: Int) -> APIError {
    .badRequest(
      "token_id(s) [\(token)] in \(field) contain out-of-vocab token ids. Vocabulary size: \(vocabularySize)", field)
  }

  /// Nil: what the model's length leaves.
  private func maxTokens(_ endpoint: GenerationCall.Endpoint) throws(APIError) -> Int? {
    var value = try integer("max_tokens")
    if endpoint == .chat { value = try integer("max_completion_tokens") ?? value } else { value = value ?? 16 }
    if let value, value < 1 { throw GenerationCall.tooFewTokens(value) }
    return value
  }

  private func logprobs(_ name: String) throws(APIError) -> Int? {
    guard let value = try integer(name) else { return nil }
    guard value >= 0 else {
      throw .badRequest("`\(name)` must be a positive value. (parameter=\(name), value=\(value))", name)
    }
    guard value <= SamplingParameters.mostLogprobs else {
      throw .badRequest(
        "Requested sample logprobs of \(value), which is greater than max allowed: "
          + "\(SamplingParameters.mostLogprobs)", name)
    }
    return value
  }

  private func chatLogprobs() throws(APIError) -> Int? {
    let areWanted = try bool("logprobs") ?? false
    let top = try logprobs("top_logprobs") ?? 0
    guard areWanted || top == 0 else {
      throw .badRequest(
        "when using `top_logprobs`, `logprobs` must be set to true. (parameter=top_logprobs)", "top_logprobs")
    }
    return areWanted ? top : nil
  }

  func streamOptions(streams: Bool) throws(APIError) -> (includesUsage: Bool, isContinuous: Bool) {
    guard let options = try object("stream_options") else { return (false, false) }
    guard streams || options.isEmpty else {
      throw .badRequest(
        "Stream options can only be defined when `stream=True`. (parameter=stream_options)", "stream_options")
    }
    func flag(_ name: String) throws(APIError) -> Bool {
      guard let value = options.first(where: { $0.name == name })?.value, !value.isNull else { return false }
      guard let flag = value.bool else {
        throw .malformed("\(name) should be true or false, not \(value.kind)", "body.stream_options.\(name)")
      }
      return flag
    }
    return (try flag("include_usage"), try flag("continuous_usage_stats"))
  }
}
