import Datasets
import Documents
import Embedders
import Foundation
import ModelFiles
import Testing
import VectorStores
import Workloads

/// The FAQ pages of Milvus 2.4, cut at headings, in a store: what a tutorial of theirs does in fifty lines.
@Suite struct FAQScenarioTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let hasPages = environment["RAGMETER_MIRROR"] != nil
  private static let hasWeights: Bool = {
    guard let library = try? ModelLibrary(environment: environment), let minilm = library.catalog["minilm"] else {
      return false
    }
    return library.isHere(minilm)
  }()

  private func chunks() throws -> [String] {
    let loader = try DatasetLoader.standard(environment: Self.environment)
    let corpus = try loader.corpus(try #require(loader.catalog.corpus("milvus-faq")))
    let chunker = try ChunkerFactory.make(ChunkerSpecification(parsing: "separator:separator=\"# \"")) { _ in
      throw ChunkerError("no tokenizer is needed")
    }
    return corpus.documents.flatMap { chunker.chunks(of: $0.text).map(\.text) }
  }

  @Test(.enabled(if: hasPages, "skipped: RAGMETER_MIRROR names no folder with milvus-docs-2.4"))
  func theFourPagesGiveSeventyTwoChunks() throws {
    #expect(try chunks().count == 72)
  }

  @Test(
    .enabled(if: hasPages, "skipped: RAGMETER_MIRROR names no folder with milvus-docs-2.4"),
    .enabled(if: hasWeights, "skipped: MiniLM's weights are not here; 'ragmeter model fetch minilm' brings them"),
    arguments: ["f32", "fast"])
  func theQuestionFindsItsAnswerFirst(precision: String) throws {
    let chunks = try chunks()
    let models = try ModelLibrary(environment: Self.environment)
    let embedder = try EmbedderFactory.make(
      EmbedderSpecification(kind: "minilm", parameters: ["precision": precision]), models: models, threads: 1)
    let vectors = try embedder.embed(chunks, as: .document)
    let folder = try TemporaryFolder()
    let store = try EmbeddedStore(path: folder.path + "/faq.db")
    try store.create(CollectionSchema(name: "faq", dimension: embedder.dimension, metric: .ip))
    let rows = chunks.indices.map { row in
      StoreRow(key: .integer(Int64(row)), vector: Array(vectors[row]), fields: ["text": .string(chunks[row])])
    }
    #expect(try store.insert(rows, into: "faq").keys.count == 72)
    let question = try embedder.embed(["How is data stored in milvus?"], as: .query)
    let hits = try store.search(
      SearchRequest(vectors: question.values, limit: 3, outputFields: .named(["text"])), in: "faq")[0]
    guard case .string(let first) = try #require(hits.first).fields["text"] else {
      Issue.record("the first hit has no text")
      return
    }
    #expect(first.contains("Where does Milvus store data?"))
    #expect(hits[0].distance > hits[1].distance)
    try store.close()
  }
}
