internal import Generation
internal import JSON

/// Llama Stack's `SamplingParams`: a strategy, and bounds.
enum StackSampling {
  /// Greedy, unless the strategy says otherwise.
  ///
  /// - Parameter maxTokens: of an answer, where nothing is said.
  static func read(_ value: JSONValue?, at place: String, maxTokens: Int) throws(APIError) -> SamplingParameters {
    var sampling = SamplingParameters()
    sampling.temperature = 0
    sampling.maxTokens = maxTokens
    guard let value, !value.isNull else { return sampling }
    guard value.object != nil else { throw .malformed("\(place) should be an object, not \(value.kind)", place) }
    if let strategy = value["strategy"], !strategy.isNull {
      try read(strategy, "\(place).strategy", into: &sampling)
    }
    // Its word for no limit of its own.
    if let most = value["max_tokens"], !most.isNull, most.clampedInteger != 0 {
      sampling.maxTokens = try KnowledgeQuery.count(most, "\(place).max_tokens") ?? maxTokens
    }
    if let penalty = try number(
      value["repetition_penalty"], "\(place).repetition_penalty", "greater than 0", { $0 > 0 })
    {
      sampling.repetitionPenalty = penalty
    }
    if let stop = value["stop"], !stop.isNull {
      guard let texts = stop.array?.all(\.string), !texts.contains("") else {
        throw .malformed("\(place).stop should be a list of texts that are not empty", "\(place).stop")
      }
      sampling.stopStrings = texts
    }
    return sampling
  }

  private static func read(
    _ strategy: JSONValue, _ place: String, into sampling: inout SamplingParameters
  ) throws(APIError) {
    switch strategy["type"]?.string {
    case "greedy": return
    case "top_p":
      sampling.topP = try number(strategy["top_p"], "\(place).top_p", "in (0, 1]", { $0 > 0 && $0 <= 1 }) ?? 0.95
    case "top_k":
      sampling.topK = try KnowledgeQuery.count(strategy["top_k"], "\(place).top_k") ?? 0
    default:
      throw .badRequest(
        "\(place).type should be greedy, top_p or top_k, not \(strategy["type"]?.kind ?? "absent").", place)
    }
    sampling.temperature =
      try number(strategy["temperature"], "\(place).temperature", "in [0, 2]", { $0 >= 0 && $0 <= 2 }) ?? 1
  }

  private static func number(
    _ value: JSONValue?, _ place: String, _ bounds: String, _ isInside: (Float) -> Bool
  ) throws(APIError) -> Float? {
    guard let value, !value.isNull else { return nil }
    guard let number = value.number.map({ Float($0) }), number.isFinite, isInside(number) else {
      throw .badRequest("\(place) should be a number \(bounds), not \(value.kind).", place)
    }
    return number
  }
}
