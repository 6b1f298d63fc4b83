internal import Synchronization

/// Embeds by a service that speaks OpenAI's `/v1/embeddings`: OpenAI itself, vLLM, TGI, llama.cpp, Ollama, ….
///
/// Texts go out in batches. Transport errors and the statuses 408, 429 and 5xx are tried again after a pause, for as long as
/// the service asks or with exponential backoff. Answers are put in the order of the texts by their `index`.
public final class OpenAIEmbedder: Embedder {
  public let name: String
  public let dimension: Int
  public let isNormalized: Bool
  /// The service cuts texts by limits of its own, which it does not tell.
  public var maximumTokens: Int? { nil }

  private let client: OpenAIClient
  private let batch: Int
  private let usage = Mutex(0)

  /// Asks for one embedding, which tells the dimension.
  ///
  /// - Parameter environment: holds the API key, in `OPENAI_API_KEY` or in the variable that `key_env` names; none is sent
  ///   where there is none.
  /// - Throws: `EmbedderError` for a wrong parameter, or with what the service answered.
  public convenience init(_ specification: EmbedderSpecification, environment: [String: String]) throws {
    try self.init(specification, environment: environment, retries: .standard)
  }

  package init(_ specification: EmbedderSpecification, environment: [String: String], retries: RetryPolicy) throws {
    try specification.check(known: ["url", "model", "batch", "dimensions", "encoding", "key_env"])
    client = try OpenAIClient(specification, environment: environment, retries: retries)
    batch = try specification.integer("batch", in: 1...2048, default: 64)
    name = client.model
    let probe = try client.embeddings(of: ["dimension"])
    dimension = probe.values[0].count
    let square = probe.values[0].reduce(0) { $0 + Double($1) * Double($1) }
    isNormalized = abs(square - 1) < 1e-3
  }

  /// Tokens that the service says it has read for this embedder's calls.
  public var usedTokens: Int { usage.withLock { $0 } }

  public func embed(_ texts: [String], as role: EmbeddingRole) throws -> EmbeddingBatch {
    var values: [Float] = []
    values.reserveCapacity(texts.count * dimension)
    for start in stride(from: 0, to: texts.count, by: batch) {
      let answer = try client.embeddings(of: Array(texts[start..<min(start + batch, texts.count)]))
      for embedding in answer.values {
        guard embedding.count == dimension else {
          throw EmbedderError(
            "\(client.url) answered with an embedding of \(embedding.count) dimensions, after \(dimension) at first")
        }
        values += embedding
      }
      usage.withLock { $0 += answer.tokens }
    }
    return EmbeddingBatch(
      dimension: dimension, values: values, tokens: [], truncatedTokens: [Int](repeating: 0, count: texts.count))
  }
}
