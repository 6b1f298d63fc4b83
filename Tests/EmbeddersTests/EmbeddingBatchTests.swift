import Embedders
import Testing

@Suite struct EmbeddingBatchTests {
  @Test func rowsAreCutAtTheDimension() {
    let batch = EmbeddingBatch(
      dimension: 2, values: [1, 2, 3, 4, 5, 6], tokens: [3, 3, 3], truncatedTokens: [0, 0, 1])
    #expect(batch.count == 3)
    #expect(Array(batch[1]) == [3, 4])
  }
}
