internal import Generation
internal import RAGPipeline
internal import VectorStores

/// Finds at once, always the same: what is left of a question's time is the pipeline's and the harness's own.
struct NullRetriever: Retriever {
  let now: @Sendable () -> UInt64

  func retrieve(_ question: String, limit: Int) -> Retrieval {
    let start = now()
    let passages = (0..<limit).map { place in
      Passage(
        key: .integer(Int64(place)), document: "\(place)", source: "null", text: "Passage \(place).", distance: 0)
    }
    return Retrieval(
      passages: passages,
      spans: [StageSpan(.embed, start: start, end: start), StageSpan(.search, start: start, end: now())])
  }
}

/// Says one word a choice, at once.
struct NullGenerator: TextGenerator {
  let model = "null"

  func generate(_ request: GenerationRequest) -> AsyncThrowingStream<GenerationEvent, any Error> {
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: GenerationEvent.self, throwing: (any Error).self)
    for choice in 0..<request.sampling.n {
      continuation.yield(.tokens(choice: choice, ids: [0], text: "Yes.", logprobs: []))
      continuation.yield(.finished(choice: choice, reason: .stop))
    }
    continuation.yield(.usage(promptTokens: 1, completionTokens: request.sampling.n, cachedTokens: 0))
    continuation.finish()
    return stream
  }
}
