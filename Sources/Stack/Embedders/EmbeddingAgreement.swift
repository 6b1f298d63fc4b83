/// How near embeddings of some texts are to reference embeddings of the same texts: what a faster arithmetic costs.
public struct EmbeddingAgreement: Sendable, Equatable {
  public let meanCosine: Double
  public let minimumCosine: Double
  /// The text whose cosine is least.
  public let worstText: Int

  /// - Throws: `EmbedderError` if there is nothing to compare or the two are not of the same texts.
  public init(_ batch: EmbeddingBatch, reference: EmbeddingBatch) throws {
    guard batch.count > 0, batch.count == reference.count, batch.dimension == reference.dimension else {
      throw EmbedderError(
        "\(batch.count) embeddings of \(batch.dimension) values cannot be compared with \(reference.count) of "
          + "\(reference.dimension); embed the same texts, at least one, with the same model")
    }
    var sum = 0.0
    var least = (cosine: Double.infinity, text: 0)
    for text in 0..<batch.count {
      let cosine = Self.cosine(batch[text], reference[text])
      sum += cosine
      // A NaN is the worst of all.
      if !(cosine >= least.cosine) { least = (cosine, text) }
    }
    meanCosine = sum / Double(batch.count)
    minimumCosine = least.cosine
    worstText = least.text
  }

  private static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    var product = 0.0
    var squares = (0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += Double(x) * Double(y)
      squares.0 += Double(x) * Double(x)
      squares.1 += Double(y) * Double(y)
    }
    return product / (squares.0 * squares.1).squareRoot()
  }
}
