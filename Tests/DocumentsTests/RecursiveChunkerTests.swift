import Documents
import Foundation
import Testing

/// One case of the captured splits (LangChain, langchain-text-splitters 1.1.3).
private struct GoldenSplit: Decodable {
  var name: String
  var text: String
  var size: Int
  var overlap: Int
  var chunks: [String]

  enum CodingKeys: String, CodingKey {
    case name, text, chunks
    case size = "chunk_size"
    case overlap = "chunk_overlap"
  }
}

@Suite struct RecursiveChunkerTests {
  @Test(
    .enabled(if: Reference.isPresent, "skipped: RAGMETER_REFERENCE is not set"),
    arguments: ["recursive_splitter_golden.json", "recursive_splitter_golden_extra.json"])
  func everyGoldenMatches(file: String) throws {
    let cases = try JSONDecoder().decode([GoldenSplit].self, from: Reference.data("splitter/\(file)"))
    #expect(!cases.isEmpty)
    for golden in cases {
      let chunks = try RecursiveChunker(length: ChunkLength(size: golden.size, overlap: golden.overlap))
        .chunks(of: golden.text)
      #expect(chunks.map(\.text) == golden.chunks, "\(golden.name) \(golden.size)/\(golden.overlap)")
      let source = Array(golden.text.utf8)
      #expect(chunks.allSatisfy { Array($0.text.utf8) == Array(source[$0.start..<$0.end]) }, "\(golden.name): offsets")
    }
  }

  @Test func anEmptyTextHasNoChunks() throws {
    #expect(try RecursiveChunker(length: ChunkLength(size: 10, overlap: 0)).chunks(of: "").isEmpty)
    #expect(try RecursiveChunker(length: ChunkLength(size: 10, overlap: 0)).chunks(of: " \n\n \u{3000}").isEmpty)
  }

  @Test func parametersThatMakeNoSenseAreRefused() {
    #expect(throws: ChunkerError("size is 0; a chunk holds at least 1 character")) {
      try ChunkLength(size: 0, overlap: 0)
    }
    #expect(throws: ChunkerError("overlap is 11; it must be from 0 to the size, 10")) {
      try ChunkLength(size: 10, overlap: 11)
    }
  }
}
