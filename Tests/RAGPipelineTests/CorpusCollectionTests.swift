import Documents
import Embedders
import RAGPipeline
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// A collection that is made once, and again when it has to be.
@Suite struct CorpusCollectionTests {
  private let folder = TemporaryFolder()

  private static let documents = (1...5).map {
    Document(id: "d\($0)", title: "Title \($0)", text: "Text of number \($0).", source: "d\($0).md")
  }

  private static let usual = CorpusCollection(
    name: "texts", index: IndexSpecification(kind: "flat"), chunker: "whole", embedder: "hashing")

  /// Whether it was made, and how many rows it has.
  private func open(
    _ collection: CorpusCollection = usual, _ documents: [Document] = documents
  ) throws -> (isMade: Bool, rows: Int) {
    var isMade = false
    let store = try collection.open(
      at: "\(folder.path)/c.store", documents: documents, chunker: WholeChunker(),
      embedder: HashingEmbedder(dimension: 64)
    ) { isMade = true }
    let described = try store.collections()
    #expect(described.map(\.schema.name) == ["texts"])
    #expect(throws: VectorStoreError.self) { try store.drop(collection: "texts") }
    try store.close()
    return (isMade, described[0].rows)
  }

  @Test func isMadeOnceAndAgainForOtherContents() throws {
    #expect(try open() == (true, 5))
    #expect(try open() == (false, 5))
    var changed = Self.documents
    changed[3].text += " More."
    #expect(try open(Self.usual, changed) == (true, 5))
    changed.removeLast()
    #expect(try open(Self.usual, changed) == (true, 4))
    changed[0].title = nil
    #expect(try open(Self.usual, changed) == (true, 4))
    var other = Self.usual
    other.embedder = "hashing:dimension=64"
    #expect(try open(other, changed) == (true, 4))
    other.chunker = "recursive"
    #expect(try open(other, changed) == (true, 4))
    other.index = IndexSpecification(kind: "hnsw", parameters: ["m": "8"])
    #expect(try open(other, changed) == (true, 4))
    #expect(try open(other, changed) == (false, 4))
    #expect(try open() == (true, 5))
  }

  /// What a process leaves that is killed while it fills the collection.
  @Test func halfACollectionIsMadeAgain() throws {
    _ = try open()
    let store = try EmbeddedStore(path: "\(folder.path)/c.store")
    #expect(try store.delete([.string("d2#0")], from: "texts") == 1)
    try store.close()
    #expect(try open() == (true, 5))
    #expect(try open() == (false, 5))
  }

  @Test func twoReadersShareIt() throws {
    _ = try open()
    let first = try Self.usual.open(
      at: "\(folder.path)/c.store", documents: Self.documents, chunker: WholeChunker(),
      embedder: HashingEmbedder(dimension: 64))
    #expect(try open() == (false, 5))
    try first.close()
  }
}
