import Documents
import Embedders
import RAGPipeline
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// Documents into a store, and passages out of it.
@Suite struct StoreRetrieverTests {
  private let folder = TemporaryFolder()

  private static let documents = [
    Document(
      id: "cats", title: "Cats", text: "A cat sleeps on the warm mat.\n\nIt purrs.", source: "pets/cats.md",
      metadata: ["kind": "pet"]),
    Document(id: "fish", text: "A fish swims in the cold sea.", source: "sea/fish.txt"),
    Document(id: "empty", text: "", source: "sea/empty.txt"),
  ]

  private func store() throws -> EmbeddedStore { try EmbeddedStore(path: "\(folder.path)/a.store") }

  private func embedder(_ dimension: Int = 128) throws -> any Embedder {
    try HashingEmbedder(dimension: dimension)
  }

  private func filled(_ store: any VectorStore, replaces: Bool = false, batch: Int = 2) throws -> Ingestion {
    var ingestion = try Ingestion(
      chunker: ParagraphChunker(), embedder: embedder(), store: store,
      schema: CollectionSchema(
        name: "pets", dimension: 1, metric: .ip, index: IndexSpecification(kind: "flat"),
        properties: ["embedder": "hashing:dimension=128"]),
      replaces: replaces, batch: batch)
    try ingestion.add(Self.documents)
    try ingestion.finish()
    return ingestion
  }

  @Test func chunksBecomeRowsAndPassages() throws {
    let store = try store()
    let ingestion = try filled(store)
    #expect(ingestion.documents == 3 && ingestion.report.rows == 3 && ingestion.report.texts == 3)
    let rows = try store.query(QueryRequest(), in: "pets")
    #expect(rows.map(\.key) == [.string("cats#0"), .string("cats#1"), .string("fish#0")])
    #expect(
      rows[1].fields == [
        "document": .string("cats"), "index": .integer(1), "text": .string("It purrs."), "start": .integer(31),
        "end": .integer(40), "source": .string("pets/cats.md"), "title": .string("Cats"),
        "metadata": .object(["kind": .string("pet")]),
      ])
    #expect(rows[2].fields["title"] == nil && rows[2].fields["metadata"] == nil)
    let clock = CountingClock()
    let retriever = try StoreRetriever(
      embedder: embedder(), store: store, collection: "pets", now: clock.now)
    let found = try retriever.retrieve("fish in the sea", limit: 2)
    #expect(found.passages.count == 2 && found.withoutText == 0)
    #expect(found.passages[0].key == .string("fish#0") && found.passages[0].document == "fish")
    #expect(found.passages[0].source == "sea/fish.txt" && found.passages[0].title == nil)
    #expect(found.passages[0].text == "A fish swims in the cold sea.")
    #expect(found.passages[0].distance > found.passages[1].distance)
    #expect(found.spans == [StageSpan(.embed, start: 1, end: 2), StageSpan(.search, start: 2, end: 3)])
    #expect(try retriever.retrieve("cat", limit: 50).passages.count == 3)
    try store.close()
  }

  @Test func chunksAreRefusedOrReplacedTheSecondTime() throws {
    let store = try store()
    _ = try filled(store)
    #expect(throws: VectorStoreError.self) { try filled(store) }
    #expect(try filled(store, replaces: true, batch: 512).report.replaced == 3)
    try store.close()
  }

  @Test func whatDoesNotFitTogetherIsNamed() throws {
    let store = try store()
    _ = try filled(store)
    #expect(
      failure { _ = try StoreRetriever(embedder: embedder(64), store: store, collection: "pets", now: { 0 }) } == """
        embedder hashing gives vectors of dimension 64, and collection 'pets' has 128; it was filled with \
        hashing:dimension=128: name that
        """)
    #expect(
      failure { _ = try StoreRetriever(embedder: embedder(), store: store, collection: "dogs", now: { 0 }) }
        == "no collection is called 'dogs'; there are pets")
    #expect(
      failure {
        _ = try Ingestion(
          chunker: ParagraphChunker(), embedder: embedder(64), store: store,
          schema: CollectionSchema(name: "pets", dimension: 64, metric: .ip))
      } == """
        embedder hashing gives vectors of dimension 64, and collection 'pets' has 128; it was filled with \
        hashing:dimension=128: name that
        """)
    try store.close()
  }

  @Test func rowsWithoutTextAreNoPassages() throws {
    let store = try store()
    try store.create(CollectionSchema(name: "rows", dimension: 128, metric: .ip, keyType: .integer))
    let vectors = try embedder().embed(["red", "green", "blue"], as: .document)
    func row(_ index: Int, _ fields: [String: FieldValue]) -> StoreRow {
      StoreRow(key: .integer(Int64(index)), vector: Array(vectors[index]), fields: fields)
    }
    let retriever = try StoreRetriever(embedder: embedder(), store: store, collection: "rows", now: { 0 })
    #expect(try retriever.retrieve("red", limit: 3).passages.isEmpty)
    _ = try store.insert([row(0, ["year": .integer(1)]), row(1, ["text": .string(" \n")])], into: "rows")
    #expect(
      failure { _ = try retriever.retrieve("red", limit: 3) } == """
        row 0 of collection 'rows', as all that was found, has no field 'text' to be read; fill the collection with documents, \
        as 'ragmeter insert' does
        """)
    _ = try store.insert([row(2, ["text": .string("blue"), "document": .integer(7)])], into: "rows")
    let found = try retriever.retrieve("blue", limit: 3)
    #expect(found.withoutText == 2)
    // A row of another's making is a document of its own.
    #expect(found.passages.map(\.document) == ["2"] && found.passages[0].source == "2")
    try store.close()
  }
}

/// Cuts at empty lines.
private struct ParagraphChunker: Chunker {
  static let kind = "paragraph"

  func chunks(of text: String) -> [Chunk] {
    var start = 0
    return text.split(separator: "\n\n").map { part in
      let chunk = Chunk(text: String(part), start: start, end: start + part.utf8.count)
      start = chunk.end + 2
      return chunk
    }
  }
}
