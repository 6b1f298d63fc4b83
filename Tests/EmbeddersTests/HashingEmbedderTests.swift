import Embedders
import Foundation
import Testing

@Suite struct HashingEmbedderTests {
  private struct Goldens: Decodable {
    struct Case: Decodable {
      var text: String
      var embedding: [Float]
    }
    var dimension: Int
    var cases: [Case]
  }

  /// An independent implementation in Python: Goldens/hashing.py.
  @Test func embeddingsAreThoseOfTheGoldens() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens/hashing.json"
    let goldens = try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    let batch = try HashingEmbedder(dimension: goldens.dimension).embed(goldens.cases.map(\.text), as: .document)
    #expect(batch.count == goldens.cases.count)
    for (index, item) in goldens.cases.enumerated() {
      #expect(zip(batch[index], item.embedding).allSatisfy { abs($0 - $1) < 1e-6 }, "\(item.text): \(batch[index])")
    }
    #expect(batch.tokens == [9, 4, 8, 0, 0, 3] && batch.truncatedTokens == [0, 0, 0, 0, 0, 0])
  }

  @Test func textsThatShareWordsLieNearerThanOthers() throws {
    let batch = try HashingEmbedder().embed(
      ["How is data stored in Milvus?", "Where does Milvus store data?", "The weather is fine."], as: .query)
    func product(_ a: Int, _ b: Int) -> Float { zip(batch[a], batch[b]).reduce(0) { $0 + $1.0 * $1.1 } }
    #expect(product(0, 1) > product(0, 2))
    #expect(abs(product(0, 0) - 1) < 1e-6)
  }

  @Test(arguments: [0, -1, 1 << 21]) func dimensionHasBounds(dimension: Int) {
    #expect(throws: EmbedderError.self) { try HashingEmbedder(dimension: dimension) }
  }
}
