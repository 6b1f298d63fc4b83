import Documents
import Foundation
import Testing

@Suite struct ChunkerTests {
  @Test(.enabled(if: Mirror.isPresent, "skipped: RAGMETER_MIRROR is not set"))
  func theFAQPagesFallIntoSeventyTwoPieces() throws {
    let pages = ["operational_faq", "performance_faq", "product_faq", "troubleshooting"]
    let chunker = try SeparatorChunker(separator: "# ")
    let pieces = try pages.flatMap { chunker.chunks(of: try Mirror.text("milvus-docs-2.4/faq/\($0).md")) }
    #expect(pieces.count == 72)
    #expect(pieces.contains { $0.text.contains("Where does Milvus store data?") })
  }

  @Test func separatorsBelongToNoChunk() throws {
    let chunks = try SeparatorChunker(separator: "ä#").chunks(of: "ä#oneä#ä#twoä")
    #expect(chunks.map(\.text) == ["one", "twoä"])
    #expect(chunks.map(\.start) == [3, 12])
    #expect(throws: ChunkerError("the separator is empty; give the text to cut at")) {
      try SeparatorChunker(separator: "")
    }
  }

  @Test func markdownSectionsKnowTheirHeadings() throws {
    let text = """
      ---
      # not a heading
      ---
      before

      # One #
      a
      ```
      # code
      ```
      ### Deep
      b

      Setext
      ------
      c
      #hash
      # Two
      """
    let chunks = MarkdownChunker(length: try ChunkLength(size: 1000, overlap: 0)).chunks(of: text)
    #expect(
      chunks.map { $0.metadata["headings"] } == [nil, "One", "One > Deep", "One > Setext", "Two"])
    #expect(chunks[1].text == "# One #\na\n```\n# code\n```")
    #expect(chunks[3].text == "Setext\n------\nc\n#hash")
  }

  @Test func longMarkdownSectionsAreCutAndKeepTheirPath() throws {
    let text = "# T\n\n" + Array(repeating: "word", count: 50).joined(separator: " ")
    let chunks = MarkdownChunker(length: try ChunkLength(size: 60, overlap: 0)).chunks(of: text)
    #expect(chunks.count > 3)
    #expect(chunks.allSatisfy { $0.metadata["headings"] == "T" && $0.text.unicodeScalars.count <= 60 })
  }

  @Test func sentencesEndWhereReadersEndThem() throws {
    let text = """
      Dr. Smith paid 3.5 dollars, e.g. Cash. "Really?" she asked. J. Doe left!  No. 5 is alive… Yes.
      数据库。检索！

      A title
      """
    let chunks = SentenceChunker(length: try ChunkLength(size: 1, overlap: 0)).chunks(of: text)
    #expect(
      chunks.map(\.text) == [
        "Dr. Smith paid 3.5 dollars, e.g. Cash.", "\"Really?\" she asked.", "J. Doe left!", "No. 5 is alive…", "Yes.",
        "数据库。", "检索！", "A title",
      ])
  }

  @Test func sentencesGatherUpToTheSizeAndOverlapWhole() throws {
    let text = "Aaaa. Bbbb. Cccc. Dddd."
    let chunks = SentenceChunker(length: try ChunkLength(size: 12, overlap: 6)).chunks(of: text)
    #expect(chunks.map(\.text) == ["Aaaa. Bbbb.", "Bbbb. Cccc.", "Cccc. Dddd."])
  }

  /// Whatever the text: offsets lie on scalar borders, the text is the source's, chunks come in order, and nothing but
  /// white space is left out.
  @Test func offsetsHoldOnRandomTexts() throws {
    let seed: UInt64 = 20
    var random = SeededRandom(seed: seed)
    let alphabet = Array("ab .!?\n\n#-`|\u{3000}é漢😀\u{301}\r\t。>".unicodeScalars)
    let length = try ChunkLength(size: 12, overlap: 5)
    let chunkers: [any Chunker] = [
      RecursiveChunker(length: length), MarkdownChunker(length: length), SentenceChunker(length: length),
    ]
    for round in 0..<500 {
      var text = ""
      for _ in 0..<Int.random(in: 0...80, using: &random) {
        text.unicodeScalars.append(alphabet.randomElement(using: &random) ?? "a")
      }
      let source = Array(text.utf8)
      for chunker in chunkers {
        let chunks = chunker.chunks(of: text)
        var covered = [Bool](repeating: false, count: source.count)
        for chunk in chunks {
          #expect(Array(chunk.text.utf8) == Array(source[chunk.start..<chunk.end]), "seed \(seed), round \(round)")
          for offset in chunk.start..<chunk.end { covered[offset] = true }
        }
        #expect(zip(chunks, chunks.dropFirst()).allSatisfy { $0.start <= $1.start })
        let left = String(decoding: zip(source, covered).filter { !$1 }.map(\.0), as: UTF8.self)
        #expect(left.unicodeScalars.allSatisfy { $0.properties.isWhitespace }, "seed \(seed), round \(round): \(left)")
      }
    }
  }
}
