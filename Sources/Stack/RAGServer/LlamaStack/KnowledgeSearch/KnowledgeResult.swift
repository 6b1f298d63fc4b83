package import JSON

/// What the tool `knowledge_search` answers: texts for a model, and what they are.
package struct KnowledgeResult: Sendable {
  /// `null` where nothing was found.
  package let content: JSONValue
  package let metadata: JSONValue

  package init(_ chunks: [KnowledgeChunk], question: String, query: KnowledgeQuery) {
    guard !chunks.isEmpty else {
      content = .null
      metadata = .fields([:])
      return
    }
    var tokens = 0
    var shown: [KnowledgeChunk] = []
    for chunk in chunks {
      tokens += chunk.tokens
      guard tokens <= query.maxTokens else { break }
      shown.append(chunk)
    }
    var texts = ["knowledge_search tool found \(chunks.count) chunks:\nBEGIN of knowledge_search tool results.\n"]
    for (place, chunk) in shown.enumerated() { texts.append(query.show(chunk, index: place + 1)) }
    texts.append("END of knowledge_search tool results.\n")
    texts.append(
      "The above results were retrieved to help answer the user's query: \"\(question)\". "
        + "Use them as supporting information only in answering this query.\n")
    content = .array(texts.map { .fields(["type": .string("text"), "text": .string($0)]) })
    metadata = .fields([
      "document_ids": .texts(shown.map(\.document)), "chunks": .texts(shown.map(\.text)),
      "scores": .array(shown.map { .number(Double($0.score)) }),
    ])
  }

  /// As `/v1/tool-runtime/invoke` answers it.
  var invocation: JSONValue {
    .fields(["content": content, "error_message": .null, "error_code": .null, "metadata": metadata])
  }

  /// As `/v1/tool-runtime/rag-tool/query` does.
  var queryResult: JSONValue { .fields(["content": content, "metadata": metadata]) }
}
