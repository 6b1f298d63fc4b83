public import ModelFiles

/// Answers a question from documents: the in-tree pipeline, or a whole remote system that does the same job.
public protocol QuestionAnswerer: Sendable {
  /// - Parameters:
  ///   - history: the conversation before the question, without a system message.
  ///   - report: told of every event, in their order.
  /// - Throws: `RAGError` for a question that cannot be answered; what retrieval and generation throw.
  func answer(
    _ question: String, history: [ChatMessage], report: (RAGEvent) -> Void
  ) async throws -> RAGAnswer
}
