import Datasets
import Documents
import Embedders
import Foundation
import Testing
import Workloads

/// Texts of a catalogue become corpora, and vectors.
@Suite struct TextDerivationTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "ragmeter-derive-\(UUID().uuidString)")
    .path

  private func loader(count: Int, dimension: Int = 32, embedder: String = "hashing:dimension=32") throws
    -> DatasetLoader
  {
    try FileManager.default.createDirectory(atPath: "\(folder)/words", withIntermediateDirectories: true)
    for number in 0..<30 {
      try Data("line \(number) of bees\n\nand a second part\n".utf8)
        .write(to: URL(fileURLWithPath: "\(folder)/words/\(number).txt"))
    }
    try Data("not a text of the corpus".utf8).write(to: URL(fileURLWithPath: "\(folder)/words/LICENSE"))
    let catalog = """
      schema: ragmeter.catalog/1
      datasets:
        - {name: bees, about: test, licence: none, source: none, metric: ip, dimension: \(dimension), held_out: 5,
           base: {file: all.fbin, count: \(count)},
           derived: {corpus: words, chunker: 'recursive:size=20,overlap=0', embedder: '\(embedder)'}}
      corpora:
        - {name: words, about: test, licence: none, source: none, format: folder, glob: '*.txt', documents: 30, folder: words}
        - {name: odd, about: test, licence: none, source: none, format: scroll, documents: 30, folder: words}
      """
    try Data(catalog.utf8).write(to: URL(fileURLWithPath: "\(folder)/catalog.yml"))
    let read = try Catalog(path: "\(folder)/catalog.yml")
    var library = DatasetLibrary(cache: "\(folder)/cache")
    library.derivation = TextDerivation(
      catalog: read, library: library, environment: ["RAGMETER_MODELS": "\(folder)/models"], threads: 1)
    return DatasetLoader(catalog: read, library: library)
  }

  private func sentence(_ body: () throws -> Void) -> String {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      try body()
      return ""
    } catch { return "\(error)" }
  }

  @Test func everyChunkBecomesAVector() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let loader = try loader(count: 60)
    var told: [FetchStatus] = []
    let set = try loader.load(DatasetRequest(name: "bees")) { told.append($0) }
    #expect(set.base.count == 55 && set.queries.count == 5 && set.metric == .ip)
    #expect(told.last == FetchStatus(file: "bees/all.fbin", received: 60 * 128, total: 60 * 128, activity: .embedding))
    let corpus = try loader.corpus(#require(loader.catalog.corpus("words")))
    #expect(corpus.documents.count == 30)
    let chunker = try ChunkerFactory.make(ChunkerSpecification(parsing: "recursive:size=20,overlap=0")) { _ in
      throw ChunkerError("no tokenizer is needed")
    }
    let texts = corpus.documents.flatMap { chunker.chunks(of: $0.text).map(\.text) }
    let expected = try HashingEmbedder(dimension: 32)
      .embed(texts, as: .document)
    #expect(try VectorFile(path: "\(folder)/cache/bees/all.fbin").read().values == expected.values)
  }

  @Test func otherCountsThanTheCataloguesAreRefused() {
    let count = sentence { _ = try loader(count: 61).load(DatasetRequest(name: "bees")) }
    #expect(count.contains("gives 60 texts, and the catalogue says 61"), "\(count)")
    let dimension = sentence { _ = try loader(count: 60, dimension: 16).load(DatasetRequest(name: "bees")) }
    #expect(dimension.contains("makes vectors of 32, and the catalogue says 16"), "\(dimension)")
    let format = sentence {
      let loader = try loader(count: 60)
      _ = try loader.corpus(#require(loader.catalog.corpus("odd")))
    }
    #expect(format.contains("has the format 'scroll' in the catalogue; known are file, folder"), "\(format)")
  }

  @Test func theProjectsHandbookIsWhatTheCatalogueSays() throws {
    let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "datasets/catalog.yml").path
    let catalog = try Catalog(path: project)
    let loader = DatasetLoader(catalog: catalog, library: DatasetLibrary(cache: "\(folder)/cache"))
    let entry = try #require(catalog.corpus("handbook"))
    let corpus = try loader.corpus(entry)
    #expect(corpus.documents.count == entry.documents && corpus.questions.count == entry.questions)
    for entry in catalog.corpora { #expect(CorpusFormat(rawValue: entry.format) != nil, "\(entry.name)") }
    for entry in catalog.entries {
      guard let derived = entry.derived else { continue }
      #expect(throws: Never.self) { try EmbedderSpecification(parsing: derived.embedder) }
    }
  }

  /// Real texts, where the machine has the mirror.
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["RAGMETER_MIRROR"] != nil, "RAGMETER_MIRROR is not set"),
    arguments: [("milvus-faq", 4, 0), ("milvus-docs", 192, 0), ("torchtune-tutorials", 4, 0), ("xquad-en", 240, 1190)])
  func mirroredCorporaAreRead(name: String, documents: Int, questions: Int) throws {
    let loader = try DatasetLoader.standard(environment: ProcessInfo.processInfo.environment)
    let corpus = try loader.corpus(#require(loader.catalog.corpus(name)))
    #expect(corpus.documents.count == documents && corpus.questions.count == questions)
    if name == "milvus-faq" {
      let chunker = try SeparatorChunker(separator: "# ")
      #expect(corpus.documents.flatMap { chunker.chunks(of: $0.text) }.count == 72)
    }
  }
}
