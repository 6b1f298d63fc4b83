public import Generation

/// What a pipeline tells while it works on a question.
public enum RAGEvent: Sendable {
  /// `knowledge_search` is called, by an agent's model or by the pipeline.
  case toolCall(query: String)
  case prepared(PreparedQuestion)
  /// Tokens, ends and usage of the answer; an agent's planning is not told.
  case generation(GenerationEvent)
}
