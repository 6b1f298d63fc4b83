internal import JSON
package import ModelFiles

/// Embedding as scripts use it: texts in, a line `{"id", "embedding", "tokens", "truncated"}` each out, in their order.
package struct EmbedStage {
  private let embedder: any Embedder
  private let role: EmbeddingRole
  /// Texts that were cut, and tokens that were lost by it.
  package private(set) var truncatedTexts = 0
  package private(set) var truncatedTokens = 0
  package private(set) var texts = 0

  package init(embedder: any Embedder, role: EmbeddingRole) {
    self.embedder = embedder
    self.role = role
  }

  /// Lines with their newlines. "tokens" is left out by embedders that do not count them; "truncated" says whether the
  /// text was cut.
  ///
  /// - Throws: what the embedder throws.
  package mutating func answer(_ requests: [TextRequest]) throws -> [UInt8] {
    let batch = try embedder.embed(requests.map(\.text), as: role)
    var output: [UInt8] = []
    output.reserveCapacity(requests.count * batch.dimension * 12)
    for (index, request) in requests.enumerated() {
      request.open(&output)
      output += "\"embedding\":".utf8
      JSONText.append(batch[index], to: &output)
      if batch.tokens.indices.contains(index) { output += ",\"tokens\":\(batch.tokens[index])".utf8 }
      let lost = batch.truncatedTokens[index]
      output += ",\"truncated\":\(lost > 0)}\n".utf8
      texts += 1
      truncatedTexts += lost > 0 ? 1 : 0
      truncatedTokens += lost
    }
    return output
  }

  /// What was cut off, as a sentence; `nil` where nothing was.
  package var truncationReport: String? {
    guard truncatedTexts > 0 else { return nil }
    let limit = embedder.maximumTokens.map { " beyond \($0)" } ?? ""
    return "\(truncatedTexts) of \(texts) texts were cut; \(truncatedTokens) tokens\(limit) were not read"
  }
}
