package import Embedders
internal import Foundation
internal import Generation
internal import JSON
package import Tokenizers

/// What calls of `/v1/embeddings` have to know of the embedder behind them.
package struct ServedEmbedder: Sendable {
  package var name: String
  package var dimension: Int
  package var maximumTokens: Int?
  /// Reads inputs that are token ids; nil: such are refused.
  package var tokenizer: (any Tokenizer)?

  package init(name: String, dimension: Int, maximumTokens: Int?, tokenizer: (any Tokenizer)?) {
    self.name = name
    self.dimension = dimension
    self.maximumTokens = maximumTokens
    self.tokenizer = tokenizer
  }
}

/// What a caller of `/v1/embeddings` asks for.
package struct EmbeddingsCall: Sendable {
  package enum Encoding: String, Sendable, CaseIterable {
    case float
    /// The little-endian bytes of the values.
    case base64
  }

  /// One for each text or list of ids; never empty.
  package let inputs: [String]
  package let encoding: Encoding
  private let embedder: ServedEmbedder

  /// - Throws: `APIError` with the status, the type and the field that vLLM would name.
  package init(body bytes: UnsafeRawBufferPointer, embedder: ServedEmbedder) throws(APIError) {
    let body = try RequestBody(bytes)
    try body.checkModel(embedder.name)
    self.embedder = embedder
    inputs = try Self.inputs(body, embedder)
    let format = try body.string("encoding_format") ?? Encoding.float.rawValue
    guard let encoding = Encoding(rawValue: format) else {
      throw .malformed(
        "encoding_format should be `float` or `base64`, not \"\(format)\"", "body.encoding_format")
    }
    self.encoding = encoding
    if let dimensions = try body.integer("dimensions"), dimensions != embedder.dimension {
      throw .badRequest(
        "\(embedder.name) gives \(embedder.dimension) dimensions and no other number, got \(dimensions).", "dimensions")
    }
    try body.requireEmpty("messages", "truncate_prompt_tokens")
  }

  private static func inputs(_ body: RequestBody, _ embedder: ServedEmbedder) throws(APIError) -> [String] {
    let vocabularySize = embedder.tokenizer?.vocabularySize ?? 0
    var inputs: [String] = []
    for prompt in try body.prompts(vocabularySize: vocabularySize, field: "input") {
      switch prompt {
      case .text(let text): inputs.append(text)
      case .tokens(let ids):
        inputs.append(embedder.tokenizer?.decode(ids, skipSpecialTokens: true) ?? "")
      case .messages: throw .unsupported("messages")
      }
    }
    return inputs
  }

  /// The answer.
  ///
  /// - Throws: `APIError` if an input was longer than the embedder reads: its embedding would be of its beginning only.
  package func answer(_ batch: EmbeddingBatch, id: String, created: Int) throws(APIError) -> [UInt8] {
    if let index = batch.truncatedTokens.firstIndex(where: { $0 > 0 }) {
      let most = embedder.maximumTokens.map { " \($0)" } ?? ""
      throw .badRequest(
        "This model's maximum context length is\(most) tokens. However, input \(index) has "
          + "\(batch.truncatedTokens[index]) tokens more. Please reduce the length of the input.", "input")
    }
    var output = Array(#"{"id":"#.utf8)
    JSONText.append(id, to: &output)
    output += #","object":"list","created":"#.utf8
    JSONText.append(created, to: &output)
    output += #","model":"#.utf8
    JSONText.append(embedder.name, to: &output)
    output += #","data":["#.utf8
    for index in 0..<batch.count {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      output += #"{"index":"#.utf8
      JSONText.append(index, to: &output)
      output += #","object":"embedding","embedding":"#.utf8
      append(batch[index], to: &output)
      output.append(UInt8(ascii: "}"))
    }
    output += #"],"usage":"#.utf8
    TokenUsage(prompt: batch.tokens.reduce(0, +), completion: 0).append(to: &output)
    output.append(UInt8(ascii: "}"))
    return output
  }

  private func append(_ values: ArraySlice<Float>, to output: inout [UInt8]) {
    switch encoding {
    case .float: JSONText.append(values, to: &output)
    case .base64:
      let bytes = values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
      output.append(UInt8(ascii: "\""))
      output += bytes.base64EncodedData()
      output.append(UInt8(ascii: "\""))
    }
  }
}
