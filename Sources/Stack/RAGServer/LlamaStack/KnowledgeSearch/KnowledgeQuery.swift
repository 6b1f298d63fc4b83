package import JSON

/// How much a search brings, and how it is shown: Llama Stack's `RAGQueryConfig`.
package struct KnowledgeQuery: Sendable {
  package var maxChunks = 5
  /// Of all chunks together; those behind are not shown.
  package var maxTokens = 4096
  /// With `{index}`, `{chunk.content}` and `{metadata}`.
  package var template = "Result {index}\nContent: {chunk.content}\nMetadata: {metadata}\n"

  package init() {}

  /// - Throws: `APIError` for a value that cannot be, and for what this server does not do.
  package init(_ value: JSONValue?, at place: String) throws(APIError) {
    guard let value, !value.isNull else { return }
    guard value.object != nil else { throw .malformed("\(place) should be an object, not \(value.kind)", place) }
    if let count = try Self.count(value["max_chunks"], "\(place).max_chunks") { maxChunks = count }
    if let count = try Self.count(value["max_tokens_in_context"], "\(place).max_tokens_in_context") {
      maxTokens = count
    }
    if let mode = value["mode"], !mode.isNull, mode.string != "vector" {
      throw .badRequest("The only mode of search here is `vector`, not \(mode.kind).", "\(place).mode")
    }
    if let generator = value["query_generator_config"], !generator.isNull, generator["type"]?.string != "default" {
      throw .unsupported("query_generator_config")
    }
    guard let template = value["chunk_template"], !template.isNull else { return }
    guard let text = template.string, text.contains("{chunk.content}") else {
      throw .malformed("\(place).chunk_template should be a text with {chunk.content}", "\(place).chunk_template")
    }
    self.template = text
  }

  static func count(_ value: JSONValue?, _ place: String) throws(APIError) -> Int? {
    guard let value, !value.isNull else { return nil }
    guard let count = value.clampedInteger, 1...10_000_000 ~= count else {
      throw .badRequest("\(place) should be a whole number of at least 1, not \(value.kind).", place)
    }
    return count
  }

  func show(_ chunk: KnowledgeChunk, index: Int) -> String {
    template.replacing("{index}", with: "\(index)")
      .replacing("{metadata}", with: chunk.metadata.pythonLiteral)
      .replacing("{chunk.content}", with: chunk.text)
  }
}

/// What a search found.
package struct KnowledgeChunk: Sendable {
  var text: String
  var document: String
  /// What came with the document, and its id.
  var metadata: JSONValue
  /// Similarity: larger is nearer.
  var score: Float
  /// By the embedder's tokenizer.
  var tokens: Int

  package init(text: String, document: String, metadata: JSONValue, score: Float, tokens: Int) {
    self.text = text
    self.document = document
    self.metadata = metadata
    self.score = score
    self.tokens = tokens
  }
}
