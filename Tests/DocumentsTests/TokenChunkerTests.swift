import Documents
import Testing
import Tokenizers

/// A token for each run of letters, for each other scalar that is no space, and for each byte of a scalar beyond U+FFFF.
private struct LetterTokenizer: Tokenizer {
  let vocabularySize = 1

  func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
    var encoding = Encoding()
    var offset = 0
    var run: Range<Int>?
    func end() {
      if let run { add(run, to: &encoding) }
      run = nil
    }
    for scalar in text.unicodeScalars {
      let width = String(scalar).utf8.count
      let place = offset..<offset + width
      if scalar.properties.isAlphabetic {
        run = (run?.lowerBound ?? offset)..<place.upperBound
      } else {
        end()
        if width == 4 { for byte in place { add(byte..<byte + 1, to: &encoding) } }
        if width < 4, !scalar.properties.isWhitespace { add(place, to: &encoding) }
      }
      offset += width
    }
    end()
    return encoding
  }

  private func add(_ range: Range<Int>, to encoding: inout Encoding) {
    encoding.ids.append(0)
    encoding.ranges.append(range)
  }

  func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String { "" }
}

@Suite struct TokenChunkerTests {
  /// Llama Stack's windows: a beginning at every 3rd token, the last window inside the one before it.
  @Test func windowsBeginAtEveryStep() throws {
    let chunker = try TokenChunker(tokenizer: LetterTokenizer(), size: 4, overlap: 1)
    #expect(chunker.chunks(of: " a b  c d e f g ").map(\.text) == ["a b  c d", "d e f g", "g"])
    #expect(chunker.chunks(of: "").isEmpty)
    #expect(chunker.chunks(of: " \n").isEmpty)
  }

  @Test func aTokenThatIsHalfAScalarTakesItWhole() throws {
    let chunks = try TokenChunker(tokenizer: LetterTokenizer(), size: 2, overlap: 0).chunks(of: "a😀b")
    #expect(chunks.map(\.text) == ["a😀", "😀", "😀b"])
    #expect(chunks.map(\.start) == [0, 1, 1])
  }

  @Test func windowsThatDoNotGetOnAreRefused() {
    #expect(throws: ChunkerError("overlap is 4; it must be from 0 to 3, less than the size")) {
      try TokenChunker(tokenizer: LetterTokenizer(), size: 4, overlap: 4)
    }
    #expect(throws: ChunkerError("size is 0; a chunk holds at least 1 token")) {
      try TokenChunker(tokenizer: LetterTokenizer(), size: 0, overlap: 0)
    }
  }

  /// Whatever the text: a chunk is a slice of it, has no more tokens than the window, and nothing but white space is left out.
  @Test func windowsHoldTheirTokensOnRandomTexts() throws {
    let seed: UInt64 = 31
    var random = SeededRandom(seed: seed)
    let alphabet = Array("ab .\n-é漢\u{301}\t。".unicodeScalars)
    let tokenizer = LetterTokenizer()
    for round in 0..<500 {
      var text = ""
      for _ in 0..<Int.random(in: 0...80, using: &random) {
        text.unicodeScalars.append(alphabet.randomElement(using: &random) ?? "a")
      }
      let size = Int.random(in: 1...9, using: &random)
      let chunker = try TokenChunker(
        tokenizer: tokenizer, size: size, overlap: Int.random(in: 0..<size, using: &random))
      let source = Array(text.utf8)
      var covered = [Bool](repeating: false, count: source.count)
      for chunk in chunker.chunks(of: text) {
        #expect(Array(chunk.text.utf8) == Array(source[chunk.start..<chunk.end]), "seed \(seed), round \(round)")
        #expect(tokenizer.encode(chunk.text, addSpecialTokens: false).ids.count <= size, "seed \(seed), round \(round)")
        for offset in chunk.start..<chunk.end { covered[offset] = true }
      }
      let left = String(decoding: zip(source, covered).filter { !$1 }.map(\.0), as: UTF8.self)
      #expect(left.unicodeScalars.allSatisfy { $0.properties.isWhitespace }, "seed \(seed), round \(round): \(left)")
    }
  }
}
