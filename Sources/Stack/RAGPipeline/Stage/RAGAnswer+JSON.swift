internal import Generation
public import VectorStores

extension RAGAnswer {
  /// The answer as scripts read it: one object on one line, without its end.
  ///
  /// `{"question", "query", "answers": [{"index", "text", "tokens", "finish_reason"}], "sources": [{"number", "id", "document",
  /// "source", "title", "distance", "text"}], "cut", "duplicates", "prompt_tokens", "cached_tokens", "context_tokens",
  /// "completion_tokens", "seconds": {STAGE: …}}`, and `"plan"` of an agent whose model searched. Sources are those of the prompt,
  /// the best first.
  ///
  /// - Parameter id: stands in it as "id", if it is not nil.
  public func json(id: FieldValue? = nil) -> String {
    var fields: [String: FieldValue] = [
      "question": .string(context.question), "query": .string(context.query),
      "answers": .array(choices.enumerated().map { Self.value($1, $0) }),
      "sources": .array(context.sources.enumerated().map { Self.value($1, $0 + 1) }),
      "cut": .integer(Int64(context.cut.count)), "duplicates": .integer(Int64(context.duplicates)),
      "prompt_tokens": .integer(Int64(promptTokens)), "cached_tokens": .integer(Int64(cachedTokens)),
      "completion_tokens": .integer(Int64(completionTokens)),
      "seconds": .object(
        Dictionary(spans.map { ($0.stage.rawValue, .number(Double($0.end - $0.start) / 1e9)) }) { first, _ in first }),
    ]
    if let id { fields["id"] = id }
    if let tokens = context.contextTokens { fields["context_tokens"] = .integer(Int64(tokens)) }
    if let plan = context.plan {
      fields["plan"] = .object([
        "text": .string(plan.text), "is_readable": .bool(plan.isReadable),
        "prompt_tokens": .integer(Int64(plan.promptTokens)), "cached_tokens": .integer(Int64(plan.cachedTokens)),
        "completion_tokens": .integer(Int64(plan.completionTokens)),
      ])
    }
    return FieldValue.object(fields).json
  }

  private static func value(_ choice: Choice, _ index: Int) -> FieldValue {
    .object([
      "index": .integer(Int64(index)), "text": .string(choice.text), "tokens": .integer(Int64(choice.tokens)),
      "finish_reason": .string(choice.finishReason.rawValue),
    ])
  }

  private static func value(_ passage: Passage, _ number: Int) -> FieldValue {
    let key: FieldValue =
      switch passage.key {
      case .integer(let number): .integer(number)
      case .string(let text): .string(text)
      }
    return .object([
      "number": .integer(Int64(number)), "id": key, "document": .string(passage.document),
      "source": .string(passage.source), "title": passage.title.map { .string($0) } ?? .null,
      // The shortest text that is this float, and not its neighbours among doubles.
      "distance": .number(Double("\(passage.distance)") ?? Double(passage.distance)), "text": .string(passage.text),
    ])
  }
}
