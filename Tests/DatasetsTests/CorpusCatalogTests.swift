import Datasets
import Foundation
import TestFixtures
import Testing

/// Texts of a catalogue: where they are found, fetched and unpacked.
@Suite struct CorpusCatalogTests {
  private let folder = TemporaryFolder()

  private var library: DatasetLibrary { DatasetLibrary(cache: "\(folder.path)/cache", mirror: "\(folder.path)/mirror") }

  private func loader(_ corpora: String) throws -> DatasetLoader {
    let text =
      "schema: ragmeter.catalog/1\ndatasets: []\ncorpora:\n  - {about: test, licence: none, source: none, \(corpora)}\n"
    return DatasetLoader(catalog: try Catalog(path: folder.file("catalog.yml", text)), library: library)
  }

  private func path(_ loader: DatasetLoader, _ name: String = "tales") throws -> String {
    try loader.library.corpusPath(of: #require(loader.catalog.corpus(name)))
  }

  private func make(_ folders: String...) throws {
    for name in folders {
      try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
  }

  private func contents(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  private let two = """
    name: tales, format: folder, documents: 2, mirror: old/tales,
    files: [{name: a.md, urls: ['file://ROOT/a.md']}, {name: b.md, urls: ['file://ROOT/b.md']}]
    """

  private func twoFiles() throws -> DatasetLoader {
    try loader(two.replacingOccurrences(of: "ROOT", with: folder.path).replacingOccurrences(of: "\n", with: " "))
  }

  @Test func filesOfAMirrorStayThere() throws {
    try make("mirror/old/tales")
    _ = try folder.file("mirror/old/tales/a.md", "A")
    _ = try folder.file("mirror/old/tales/b.md", "B")
    let loader = try twoFiles()
    #expect(try path(loader) == "\(folder.path)/mirror/old/tales")
    #expect(
      loader.corpora()[0].availability == .mirror && loader.corpora()[0].path == "\(folder.path)/mirror/old/tales")
  }

  @Test func filesOfSeveralPlacesAreGatheredInTheCache() throws {
    try make("mirror/old/tales")
    _ = try folder.file("mirror/old/tales/a.md", "A")
    _ = try folder.file("b.md", "B")
    let loader = try twoFiles()
    #expect(loader.corpora()[0].availability == .network)
    let place = try path(loader)
    #expect(place == "\(folder.path)/cache/tales")
    #expect(try contents("\(place)/a.md") + contents("\(place)/b.md") == "AB")
  }

  @Test func oneFileIsItsOwnPath() throws {
    _ = try folder.file("a.json", "{}")
    let loader = try loader(
      "name: tales, format: squad, documents: 1, questions: 3, files: [{name: a.json, urls: ['file://\(folder.path)/a.json']}]"
    )
    #expect(try path(loader) == "\(folder.path)/cache/tales/a.json")
    #expect(loader.corpora()[0].availability == .cache)
    _ = try folder.file("cache/tales/a.json", "{1")
    #expect(failure { _ = try path(loader) }?.contains("remove the file to fetch it anew") == true)
  }

  @Test func projectFoldersLieBesideTheCatalogue() throws {
    try make("own")
    let loader = try loader("name: tales, format: folder, documents: 2, folder: own")
    #expect(try path(loader) == "\(folder.path)/own")
    #expect(loader.corpora()[0].availability == .project)
    try FileManager.default.removeItem(atPath: "\(folder.path)/own")
    #expect(failure { _ = try path(loader) }?.contains("belongs to the project") == true)
  }

  private func archive(_ member: String = "site/en") throws -> DatasetLoader {
    try loader(
      "name: tales, format: folder, documents: 2, archive: {file: all.tar.gz, folder: \(member)}, files: [{name: all.tar.gz, urls: ['file://\(folder.path)/all.tar.gz']}]"
    )
  }

  private func pack(_ words: String...) throws { try run(["tar"] + words) }

  private func run(_ words: String...) throws { try run(words) }

  private func run(_ words: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func foldersOfArchivesAreUnpackedOnce() throws {
    try make("docs-1a2b/site/en/faq", "docs-1a2b/site/zh")
    _ = try folder.file("docs-1a2b/site/en/a.md", "A")
    _ = try folder.file("docs-1a2b/site/en/faq/b.md", "B")
    _ = try folder.file("docs-1a2b/site/zh/a.md", "Z")
    _ = try folder.file("docs-1a2b/c.md", "C")
    try pack("-czf", "all.tar.gz", "docs-1a2b")
    let loader = try archive()
    let place = try path(loader)
    #expect(try FileManager.default.subpathsOfDirectory(atPath: place).sorted() == ["a.md", "faq", "faq/b.md"])
    #expect(try contents("\(place)/faq/b.md") == "B")
    #expect(loader.corpora()[0].availability == .cache)
    try FileManager.default.removeItem(atPath: "\(folder.path)/cache/tales/all.tar.gz")
    #expect(try path(loader) == place)
    #expect(failure { _ = try path(archive("site/fr")) } == nil)
    try FileManager.default.removeItem(atPath: place)
    #expect(failure { _ = try path(archive("site/fr")) }?.contains("the archive has no folder 'site/fr'") == true)
    #expect(!FileManager.default.fileExists(atPath: place))
    let all = try path(archive("."))
    #expect(try FileManager.default.subpathsOfDirectory(atPath: all).count == 8)
  }

  @Test func zipsAreUnpackedAsWell() throws {
    try make("beir/qrels")
    _ = try folder.file("beir/corpus.jsonl", "{}")
    _ = try folder.file("beir/qrels/test.tsv", "q\td\t1")
    try run("python3", "-m", "zipfile", "-c", "all.zip", "beir")
    let loader = try loader(
      "name: tales, format: beir, documents: 2, archive: {file: all.zip, folder: .}, files: [{name: all.zip, urls: ['file://\(folder.path)/all.zip']}]"
    )
    let place = try path(loader)
    #expect(try contents("\(place)/corpus.jsonl") == "{}" && contents("\(place)/qrels/test.tsv") == "q\td\t1")
  }

  @Test func archivesThatWouldWriteElsewhereAreRefused() throws {
    try make("in")
    _ = try folder.file("evil.md", "E")
    try pack("-czPf", "all.tar.gz", "--transform", "s,^,docs/site/en/../../../,", "evil.md")
    #expect(failure { _ = try path(archive()) }?.contains("would lie outside of its folder") == true)
  }

  @Test func aMirrorsFolderStandsInForAnArchive() throws {
    try make("mirror/tales")
    _ = try folder.file("mirror/tales/a.md", "A")
    #expect(try path(archive()) == "\(folder.path)/mirror/tales")
    _ = try folder.file("mirror/tales/all.tar.gz", "no archive")
    #expect(failure { _ = try path(archive()) }?.contains("all.tar.gz") == true)
  }

  @Test(
    arguments: [
      ("name: tales, format: folder, documents: 2", "needs either a folder of the project or files"),
      ("name: tales, format: folder, documents: 2, folder: a, files: [{name: b}]", "needs either a folder"),
      ("name: tales, format: folder, documents: 0, folder: a", "documents must be a positive integer"),
      ("name: tales, format: folder, documents: 1, files: [{name: b, first_rows: 2}]", "no key is called 'first_rows'"),
      (
        "name: tales, format: folder, documents: 1, archive: {file: c, folder: d}, files: [{name: b}]",
        "'tales' has no file called 'c'"
      ),
    ])
  func mistakesOfTheCatalogueHaveTheirPlace(entry: String, sentence: String) {
    let said = failure { _ = try loader(entry) }
    #expect(said?.contains(sentence) == true && said?.contains("line 4") == true, "\(said ?? "")")
  }
}
