import Datasets
import Files
import Foundation
import Synchronization
import TestFixtures
import Testing

/// Sets that are made of texts: when they are made, gone on with, made anew, and what stands beside them.
@Suite struct DerivedVectorTests {
  private let folder = TemporaryFolder()

  /// Row i is (i, seed); fails after `limit` rows of one attempt.
  private final class Counting: VectorDerivation {
    let version: Int
    private let seed: Float
    private let limit: Int
    private let sources: [String: String]
    let made = Mutex<[Int]>([])

    init(version: Int = 1, seed: Float = 0, limit: Int = .max, sources: [String: String] = ["texts": "abc"]) {
      self.version = version
      self.seed = seed
      self.limit = limit
      self.sources = sources
    }

    func append(to file: DerivedVectorFile, of entry: CatalogEntry, progress: FetchProgress?) throws {
      try file.begin(sources: sources)
      let first = file.rows
      while file.rows < 100 {
        if file.rows - first >= limit { throw DataError.invalid("interrupted") }
        let row = file.rows
        made.withLock { $0.append(row) }
        let rows = (row..<row + 10).flatMap { [Float($0), seed] }
        try file.append(rows, truncatedTokens: [0, 3, 0, 4, 0, 0, 0, 0, 0, 0])
        progress?(FetchStatus(file: "glosses", received: file.rows * 8, total: 800, activity: .embedding))
      }
    }
  }

  private func loader(_ derivation: (any VectorDerivation)?, embedder: String = "hashing", more: String = "") throws
    -> DatasetLoader
  {
    let text = """
      schema: ragmeter.catalog/1
      datasets:
        - {name: glosses, about: test, licence: none, source: none, metric: ip, dimension: 2, held_out: 10,
           base: {file: all.fbin, count: 100}, derived: {corpus: words, chunker: whole, embedder: '\(embedder)'}\(more)}
      corpora:
        - {name: words, about: test, licence: none, source: none, format: folder, documents: 100, folder: words}
      """
    var library = DatasetLibrary(cache: "\(folder.path)/cache", mirror: "\(folder.path)/mirror")
    library.derivation = derivation
    return DatasetLoader(catalog: try Catalog(path: folder.file("catalog.yml", text)), library: library)
  }

  private func load(_ loader: DatasetLoader) throws -> VectorDataset {
    try loader.load(DatasetRequest(name: "glosses"))
  }

  private var vectors: String { "\(folder.path)/cache/glosses/all.fbin" }

  private func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/cache/glosses").filter { $0 != ".lock" }
      .sorted()
  }

  @Test func isMadeAtItsFirstUseAndNeverAgain() throws {
    let first = Counting()
    let dataset = try load(loader(first))
    #expect(dataset.base.count == 90 && dataset.queries.count == 10)
    #expect(try VectorFile(path: vectors).read().values == (0..<100).flatMap { [Float($0), 0] })
    #expect(try files() == ["all.fbin", "all.fbin.json"])
    let note = try String(contentsOfFile: "\(vectors).json", encoding: .utf8)
    for word in [#""corpus" : "words""#, #""texts" : "abc""#, #""truncated_texts" : 20"#, #""truncated_tokens" : 70"#] {
      #expect(note.contains(word), "\(note)")
    }
    let second = Counting()
    #expect(try load(loader(second)).contentHash == dataset.contentHash)
    #expect(second.made.withLock { $0 }.isEmpty)
    // What is there can be used where nothing could make it.
    #expect(try load(loader(nil)).contentHash == dataset.contentHash)
  }

  @Test func interruptionsAreGoneOnFrom() throws {
    #expect(failure { _ = try load(loader(Counting(limit: 30))) } == "interrupted")
    #expect(try files() == ["all.fbin.part", "all.fbin.part.json"])
    // A row that no note tells of, as a crash leaves it.
    let part = try FileHandle(forUpdating: URL(fileURLWithPath: "\(vectors).part"))
    try part.seekToEnd()
    try part.write(contentsOf: Data([1, 2, 3]))
    try part.close()
    let second = Counting()
    #expect(try load(loader(second)).base.count == 90)
    #expect(second.made.withLock { $0.first } == 30)
    #expect(try VectorFile(path: vectors).read().values == (0..<100).flatMap { [Float($0), 0] })
    #expect(try files() == ["all.fbin", "all.fbin.json"])
  }

  @Test(arguments: ["version", "embedder", "sources", "lost"])
  func otherBeginningsAreThrownAway(what: String) throws {
    #expect(failure { _ = try load(loader(Counting(limit: 30))) } == "interrupted")
    if what == "lost" { try Data([1]).write(to: URL(fileURLWithPath: "\(vectors).part")) }
    let second = Counting(
      version: what == "version" ? 2 : 1, seed: 7, sources: ["texts": what == "sources" ? "other" : "abc"])
    _ = try load(loader(second, embedder: what == "embedder" ? "other" : "hashing"))
    #expect(second.made.withLock { $0.first } == 0)
    #expect(try VectorFile(path: vectors).read().values == (0..<100).flatMap { [Float($0), 7] })
  }

  @Test func staleOrDamagedSetsAreMadeAnew() throws {
    _ = try load(loader(Counting()))
    for derivation in [Counting(version: 2), Counting(version: 2, seed: 1)] {
      _ = try load(loader(derivation))
      #expect(derivation.made.withLock { $0.count } == 10)
      var bytes = try Data(contentsOf: URL(fileURLWithPath: vectors))
      bytes[20] ^= 1
      try bytes.write(to: URL(fileURLWithPath: vectors))
    }
    let other = Counting(version: 2)
    _ = try load(loader(other, embedder: "hashing:dimension=2"))
    #expect(other.made.withLock { $0.count } == 10)
  }

  @Test func nothingIsMadeWhereNothingCan() throws {
    let loader = try loader(nil)
    #expect(loader.listing()[0].availability == .derivable && loader.listing()[0].base == 90)
    #expect(failure { _ = try load(loader) }?.contains("'ragmeter dataset fetch glosses' does so") == true)
  }

  @Test func mirrorsSetsAreTakenAsOtherFilesAre() throws {
    try FileManager.default.createDirectory(atPath: "\(folder.path)/mirror/glosses", withIntermediateDirectories: true)
    try VectorFile.write(
      VectorSet(dimension: 2, values: (0..<200).map { Float($0) }), to: "\(folder.path)/mirror/glosses/all.fbin")
    let derivation = Counting()
    #expect(try load(loader(derivation)).base.count == 90)
    #expect(derivation.made.withLock { $0 }.isEmpty)
  }

  @Test func catalogueMistakesHaveTheirPlace() throws {
    #expect(
      failure { _ = try loader(nil, more: ", files: [{name: b}]") }?.contains("neither queries nor files") == true)
    let text = """
      schema: ragmeter.catalog/1
      datasets:
        - {name: glosses, about: test, licence: none, source: none, metric: ip, dimension: 2, held_out: 10,
           base: {file: all.fbin, count: 100}, derived: {corpus: words, chunker: whole, embedder: hashing}}
      """
    let said = failure { _ = try Catalog(path: folder.file("catalog.yml", text)) }
    #expect(said?.contains("'glosses' is made of 'words', which is none of the corpora") == true)
  }
}
