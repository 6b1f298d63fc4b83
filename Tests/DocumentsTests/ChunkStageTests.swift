import Documents
import Files
import Testing

@Suite struct ChunkStageTests {
  private let stage = ChunkStage(chunker: WholeChunker())

  private func answer(_ line: [UInt8], _ stage: ChunkStage? = nil) throws -> (text: String, repairs: Int) {
    let result = try line.withUnsafeBytes { try (stage ?? self.stage).answer(line: $0, number: 3, source: "input") }
    return (String(decoding: result.lines, as: UTF8.self), result.repairs)
  }

  @Test func idsComeBackAsTheyWere() throws {
    #expect(
      try answer(Array(#"{"id": "a/b", "text": "é", "more": [1]}"#.utf8)).text
        == "{\"end\":2,\"id\":\"a/b\",\"index\":0,\"start\":0,\"text\":\"é\"}\n")
    #expect(try answer(Array(#"{"id": 7, "text": "x"}"#.utf8)).text.contains("\"id\":7,"))
    #expect(try !answer(Array(#"{"text": "x"}"#.utf8)).text.contains("id"))
    #expect(try answer(Array(#"{"id": "empty", "text": ""}"#.utf8)).text.isEmpty)
  }

  @Test func headingsAreMetadata() throws {
    let markdown = ChunkStage(chunker: MarkdownChunker(length: try ChunkLength(size: 100, overlap: 0)))
    let lines = try answer(Array(##"{"id": 1, "text": "# A\n\nx\n\n## B\ny"}"##.utf8), markdown).text
    #expect(
      lines == """
        {"end":6,"id":1,"index":0,"metadata":{"headings":"A"},"start":0,"text":"# A\\n\\nx"}
        {"end":14,"id":1,"index":1,"metadata":{"headings":"A > B"},"start":8,"text":"## B\\ny"}

        """)
  }

  @Test(arguments: [
    ("{", "is no JSON"), ("3", "is no JSON object"), ("{\"id\": 1}", "the field 'text' is missing"),
    ("{\"id\": [], \"text\": \"x\"}", "the field 'id' holds another type than it should"),
  ])
  func brokenLinesAreNamed(line: String, complaint: String) {
    #expect(throws: DataError.corrupt(path: "input", at: "line 3", reason: complaint)) { try answer(Array(line.utf8)) }
  }

  @Test func brokenBytesAreCounted() throws {
    let result = try answer(Array(#"{"text": "caf"#.utf8) + [0xE9] + Array(#""}"#.utf8))
    #expect(result.repairs == 1)
    #expect(result.text.contains("caf\u{FFFD}"))
  }
}
