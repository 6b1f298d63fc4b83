import Documents
import Testing
import Tokenizers

@Suite struct ChunkerFactoryTests {
  private struct NoTokenizer: Error {}

  private func make(_ word: String) throws -> any Chunker {
    try ChunkerFactory.make(ChunkerSpecification(parsing: word)) { _ in throw NoTokenizer() }
  }

  @Test func wordsNameChunkersAndTheirParameters() throws {
    let recursive = try #require(try make("recursive:size=100,overlap=20") as? RecursiveChunker)
    #expect(recursive.length == (try ChunkLength(size: 100, overlap: 20)))
    #expect((try make("recursive:size=200") as? RecursiveChunker)?.length.overlap == 20)
    #expect((try make("markdown") as? MarkdownChunker)?.length == (try ChunkLength(size: 512, overlap: 51)))
    #expect((try make("sentence:overlap=0") as? SentenceChunker)?.length == (try ChunkLength(size: 512, overlap: 0)))
    #expect((try make("separator:separator=# ") as? SeparatorChunker)?.separator == "# ")
    #expect((try make(#"separator:separator="a,b\n\"\\""#) as? SeparatorChunker)?.separator == "a,b\n\"\\")
    #expect(try make("whole") is WholeChunker)
    #expect(throws: NoTokenizer.self) { try make("tokens:tokenizer=minilm") }
  }

  @Test func specificationsAreReadAsTheyAreWritten() throws {
    for parameters in [[:], ["size": "5", "overlap": "1"], ["separator": "a,\"b\"\n\\ |:="], ["separator": ""]] {
      let specification = ChunkerSpecification(kind: "x", parameters: parameters)
      #expect(try ChunkerSpecification(parsing: specification.description) == specification)
    }
  }

  @Test(arguments: [
    ("recursiv", "no chunker is called 'recursiv'; did you mean 'recursive'?"),
    ("banana", "known here: whole, separator, recursive, markdown, sentence, tokens"),
    ("recursive:sise=5", "chunker recursive has no parameter 'sise'; did you mean 'size'?"),
    ("whole:size=5", "chunker whole has no parameter 'size'; it has none"),
    ("recursive:size=10,overlap=10", "overlap is 10 with size 10; it must be from 0 to 9, less than the size"),
    ("sentence:size=10,overlap=-1", "overlap is -1 with size 10"),
    ("markdown:size=0", "size is 0; it must be at least 1"),
    ("tokens:overlap=1024,tokenizer=x", "overlap is 1024 with size 1024"),
    ("tokens", "chunker tokens needs the model whose tokens it counts"),
    ("recursive:size=many", "size is 'many'; it must be an integer"), ("separator", "needs the text to cut at"),
    ("separator:separator=\"\"", "the separator is empty"),
    ("recursive:size", "'size' in 'recursive:size' is no parameter"),
    ("recursive:size=1,size=2", "gives size twice"), ("", "begins with no kind"), (":size=3", "begins with no kind"),
  ])
  func mistakesSayWhatWouldBeRight(word: String, complaint: String) {
    #expect {
      try make(word)
    } throws: {
      $0 is ChunkerError && "\($0)".contains(complaint)
    }
  }
}
