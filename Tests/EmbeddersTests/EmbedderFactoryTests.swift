import Embedders
import ModelFiles
import TestFixtures
import Testing

@Suite struct EmbedderFactoryTests {
  private let folder = TemporaryFolder()

  private func make(_ word: String) throws -> any Embedder {
    let catalog = try ModelCatalog(path: folder.file("catalog.yml", "{schema: ragmeter.models/1, models: []}"))
    let library = ModelLibrary(cache: "\(folder.path)/cache", catalog: catalog, environment: [:])
    return try EmbedderFactory.make(EmbedderSpecification(parsing: word), models: library, threads: 1)
  }

  @Test func wordsBecomeSpecificationsAndBack() throws {
    let word = #"openai:model="a,b",url=http://127.0.0.1:1/v1"#
    let specification = try EmbedderSpecification(parsing: word)
    #expect(specification.kind == "openai")
    #expect(specification.parameters == ["model": "a,b", "url": "http://127.0.0.1:1/v1"])
    #expect(specification.description == word)
    #expect(try EmbedderSpecification(parsing: "minilm").description == "minilm")
  }

  @Test func hashing() throws {
    let embedder = try make("hashing:dimension=48")
    #expect(embedder.dimension == 48 && embedder.name == "hashing" && embedder.isNormalized)
  }

  @Test(arguments: [
    ("", "begins with no kind"), ("hashing:dimension", "is no parameter"), ("hashing:dimension=1,dimension=2", "twice"),
    ("hashing:dimension=x", "dimension of 'hashing' must be an integer from 1 to"),
    ("hashing:size=3", "'hashing' has no parameter size"), ("openai:url=http://a", "'openai' needs url and model"),
    ("openai:url=ftp://a,model=b", "begins with http:// or https://"),
    ("openai:url=http://a,model=b,key_env=NONE", "no variable NONE, which key_env names"),
    ("openai:url=http://a,model=b,encoding=hex", "encoding of 'openai' must be one of float, base64"),
  ])
  func wrongWordsSayWhatWouldBeRight(word: String, sentence: String) {
    let found = failure { _ = try make(word) }
    #expect(found?.contains(sentence) == true, "\(found ?? "")")
  }
}
