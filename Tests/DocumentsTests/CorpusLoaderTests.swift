import Documents
import Files
import Foundation
import TestFixtures
import Testing

@Suite struct CorpusLoaderTests {
  @Test func aFolderIsReadInOrderAndWhatIsNoTextIsNamed() throws {
    let corpus = try CorpusLoader.load(path: Golden.path("folder"))
    #expect(corpus.name == "folder")
    #expect(
      corpus.documents.map(\.id) == [
        "broken.md", "deep/bom.txt", "deep/er/plain", "deep/wide.txt", "empty.txt", "guide.rst", "invalid.txt",
        "note.md",
      ])
    let documents = Dictionary(uniqueKeysWithValues: corpus.documents.map { ($0.id, $0) })
    #expect(documents["deep/bom.txt"]?.text == "with a mark\n")
    #expect(documents["deep/wide.txt"]?.text == "UTF-16: 漢字 😀")
    #expect(documents["deep/er/plain"]?.mimeType == "text/plain")
    #expect(documents["deep/er/plain"]?.source == Golden.path("folder/deep/er/plain"))
    // The one that was U+FFFD all along is not counted.
    #expect(documents["invalid.txt"]?.text == "caf\u{FFFD} and \u{FFFD} cut, \u{FFFD} meant\n")
    #expect(documents["invalid.txt"]?.repairs == 2)
    #expect(documents["broken.md"]?.title == "Still read")
    #expect(corpus.warnings.count == 4)
    #expect(corpus.warnings[0].contains("folder/broken.md: the front matter is no YAML"))
    #expect(
      corpus.warnings.dropFirst() == [
        "left out 2 binary files: noise.txt, picture.png", "2 broken byte sequences became U+FFFD: invalid.txt (2)",
        "1 document has no text: empty.txt",
      ])
  }

  @Test func globsChooseFiles() throws {
    func ids(_ glob: String) throws -> [String] {
      var options = LoadingOptions()
      options.glob = glob
      return try CorpusLoader.load(path: Golden.path("folder"), options: options).documents.map(\.id)
    }
    #expect(try ids("*.md") == ["broken.md", "note.md"])
    #expect(try ids("**/*.{rst,txt}").contains("deep/wide.txt"))
    #expect(try ids("deep/**") == ["deep/bom.txt", "deep/er/plain", "deep/wide.txt"])
    #expect(try ids("**/[b-d]*.txt") == ["deep/bom.txt"])
    #expect(try ids(".*") == [".hidden.md"])
    #expect(throws: DataError.self) { try ids("*.{md") }
    #expect(
      throws: DataError.unavailable(name: Golden.path("folder"), reason: "no file there matches the glob '*.pdf'")
    ) {
      try ids("*.pdf")
    }
  }

  @Test func markdownKeepsItsTextAndGivesFrontMatterAndTitle() throws {
    let note = try #require(try CorpusLoader.load(path: Golden.path("folder/note.md")).documents.first)
    #expect(note.id == "note.md")
    #expect(note.mimeType == "text/markdown")
    #expect(note.text == (try Golden.text("folder/note.md")))
    #expect(note.title == "The heading")
    #expect(note.metadata == ["title": "From the front matter", "tags": "vectors, rag", "answer": "42"])
  }

  @Test func reStructuredTextKeepsItsDirectivesAndGivesItsTitle() throws {
    let guide = try #require(try CorpusLoader.load(path: Golden.path("folder/guide.rst")).documents.first)
    #expect(guide.mimeType == "text/x-rst")
    #expect(guide.title == "A guide")
    #expect(guide.text == (try Golden.text("folder/guide.rst")))
  }

  @Test(arguments: [
    ("Plain\n=====\ntext", "Plain"), ("text\n\nUnder\n-----\n", "Under"), ("no\ntitle\nhere\n", nil),
    ("Ü ist lang\n==========\n", "Ü ist lang"), ("=====  =====\na      b\n=====  =====\n", nil),
    ("A\n\n----\n\nB", nil),
    ("    Indented\n    ========\n\nTitle\r\n~~~~~\r\n", "Title"), ("", nil), ("====", nil),
    ("two lines of\na paragraph\n-----------", nil),
  ])
  func titlesOfReStructuredText(text: String, title: String?) throws {
    let folder = TemporaryFolder()
    let path = try folder.file("a.rst", text)
    #expect(try CorpusLoader.load(path: path).documents.first?.title == title)
  }

  @Test func aBinaryFileByItselfIsAnError() {
    #expect {
      try CorpusLoader.load(path: Golden.path("folder/picture.png"))
    } throws: {
      "\($0)".contains("picture.png' is binary, not text")
    }
  }

  @Test func anEmptyFileIsAnEmptyDocument() throws {
    let corpus = try CorpusLoader.load(path: Golden.path("folder/empty.txt"))
    #expect(corpus.documents.map(\.text) == [""])
    #expect(corpus.warnings == ["1 document has no text: empty.txt"])
  }

  @Test func whatIsNotThereIsNamed() {
    #expect {
      try CorpusLoader.load(path: "/nowhere/at/all")
    } throws: {
      "\($0)" == "/nowhere/at/all: cannot be opened: No such file or directory"
    }
  }

  @Test func aZipIsAFolder() throws {
    let corpus = try CorpusLoader.load(path: Golden.path("folder.zip"))
    #expect(corpus.name == "folder")
    #expect(corpus.documents.map(\.id) == ["folder/deep/bom.txt", "folder/note.md", "page.html"])
    #expect(corpus.documents[0].source == Golden.path("folder.zip") + "!folder/deep/bom.txt")
    #expect(corpus.documents[0].text == "with a mark\n")
    #expect(corpus.documents[1].title == "The heading")
    #expect(corpus.documents[2].text == (try Golden.text("page.txt")))
    #expect(corpus.warnings == ["left out 1 binary file: folder/picture.png"])
    var options = LoadingOptions()
    options.glob = "**/*.md"
    #expect(try CorpusLoader.load(path: Golden.path("folder.zip"), options: options).documents.count == 1)
  }

  /// A cut, or a bit flipped anywhere, gives an error or the documents that were there; never a crash.
  @Test func damagedZipsAreRefused() throws {
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Golden.path("folder.zip"))))
    let truth = try CorpusLoader.load(path: Golden.path("folder.zip")).documents.map(\.text)
    let folder = TemporaryFolder()
    let seed: UInt64 = 5
    var random = SeededRandom(seed: seed)
    for round in 0..<300 {
      var bytes = whole
      if round % 3 == 0 {
        bytes.removeLast(Int.random(in: 1..<whole.count, using: &random))
      } else {
        bytes[Int.random(in: 0..<whole.count, using: &random)] ^= UInt8(1 << Int.random(in: 0..<8, using: &random))
      }
      let path = try folder.file("damaged.zip", bytes)
      do {
        let texts = try CorpusLoader.load(path: path).documents.map(\.text)
        #expect(texts.allSatisfy(truth.contains), "seed \(seed), round \(round)")
      } catch is DataError {
        continue
      }
    }
  }

  @Test func oneVeryLongLineIsReadAndCut() throws {
    let folder = TemporaryFolder()
    let line = Array(repeating: UInt8(ascii: "x"), count: 100_000_000)
    let path = try folder.file("line.txt", line)
    let document = try #require(try CorpusLoader.load(path: path).documents.first)
    #expect(document.text.utf8.count == 100_000_000)
    let chunks = RecursiveChunker(length: try ChunkLength(size: 100_000, overlap: 0)).chunks(of: document.text)
    #expect(chunks.count == 1000)
    #expect(chunks.last?.end == 100_000_000)
  }
}
