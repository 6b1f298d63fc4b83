import Foundation
import Testing
import Tokenizers

/// What Hugging Face `tokenizers` makes of strings in many scripts: Goldens/make.py.
private struct Goldens: Decodable {
  struct Model: Decodable {
    var pieces: [String]
    var merges: [[String]]
    var ids: [[Int32]]
  }

  var texts: [String]
  var uncased: Model
  var cased: Model
  var gpt2: Model
  var smollm: Model
  var llama3: Model
  var qwen2: Model

  /// The committed sample, or the file that the environment names for a longer check.
  static func load() throws -> Goldens {
    let named = ProcessInfo.processInfo.environment["RAGMETER_TOKENIZER_GOLDENS"]
    let path = named ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens/goldens.json"
    return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  func model(_ splitter: WordSplitter) -> Model {
    switch splitter {
    case .gpt2: gpt2
    case .smollm: smollm
    case .llama3: llama3
    case .qwen2: qwen2
    }
  }
}

@Suite struct TokenizerGoldenTests {
  private func check(_ tokenizer: any Tokenizer, _ model: Goldens.Model, _ texts: [String]) {
    #expect(texts.count >= 400)
    for (text, ids) in zip(texts, model.ids) {
      let encoding = tokenizer.encode(text, addSpecialTokens: true)
      #expect(encoding.ids == ids, "\(text.unicodeScalars.map { String($0.value, radix: 16) })")
      #expect(encoding.ranges.count == encoding.ids.count)
    }
  }

  @Test(arguments: [true, false]) func wordPiecesAreThoseOfHuggingFace(lowercase: Bool) throws {
    let goldens = try Goldens.load()
    let model = lowercase ? goldens.uncased : goldens.cased
    check(try WordPieceTokenizer(pieces: model.pieces, lowercase: lowercase), model, goldens.texts)
  }

  @Test(arguments: WordSplitter.allCases) func bytePairsAreThoseOfHuggingFace(splitter: WordSplitter) throws {
    let goldens = try Goldens.load()
    let model = goldens.model(splitter)
    let tokenizer = try ByteLevelBPETokenizer(
      tokens: model.pieces, merges: model.merges.map { ($0[0], $0[1]) }, specialTokens: [0, 1], splitter: splitter)
    check(tokenizer, model, goldens.texts)
    for text in goldens.texts {
      let encoding = tokenizer.encode(text, addSpecialTokens: false)
      #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: false) == text)
      // Ranges touch and cover the text.
      #expect(encoding.ranges.first?.lowerBound ?? 0 == 0 && encoding.ranges.last?.upperBound ?? 0 == text.utf8.count)
      #expect(zip(encoding.ranges, encoding.ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    }
  }

  @Test func decodingHoldsBackHalfCharacters() throws {
    let model = try Goldens.load().gpt2
    let tokenizer = try ByteLevelBPETokenizer(
      tokens: model.pieces, merges: [], specialTokens: [0, 1], splitter: .gpt2)
    var decoder = StreamingDecoder(tokenizer: tokenizer, skipSpecialTokens: true)
    let ids = tokenizer.encode("a😀é", addSpecialTokens: false).ids
    #expect(ids.map { decoder.append($0) } == ["a", "", "", "", "😀", "", "é"])
    #expect(decoder.append(ids[1]) == "")
    #expect(decoder.append(ids[0]) == "\u{FFFD}a")
    #expect(decoder.append(ids[1]) == "" && decoder.finish() == "\u{FFFD}" && decoder.finish() == "")
    #expect(tokenizer.decode([0, ids[0], 1, -1, 1_000_000], skipSpecialTokens: true) == "a")
  }

  @Test func wordPiecesKnowTheirPlaces() throws {
    let tokenizer = try WordPieceTokenizer(
      pieces: ["[UNK]", "[CLS]", "[SEP]", "cafe", "##s", "!", "中"], lowercase: true)
    let text = "Cafés\u{0}!中 [SEP]zz"
    let encoding = tokenizer.encode(text, addSpecialTokens: true)
    #expect(encoding.ids == [1, 3, 4, 5, 6, 2, 0, 2])
    #expect(encoding.ranges == [0..<0, 0..<5, 5..<6, 7..<8, 8..<11, 12..<17, 17..<19, 0..<0])
    #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: true) == "cafes ! 中")
  }

  @Test func vocabulariesThatDoNotFitAreRefused() {
    #expect(throws: TokenizerError("the vocabulary of 1 pieces has no [UNK]; it is not one of BERT's")) {
      try WordPieceTokenizer(pieces: ["a"], lowercase: true)
    }
    #expect(throws: TokenizerError("the vocabulary lacks printable ASCII characters; it is not a byte-level one")) {
      try ByteLevelBPETokenizer(tokens: ["a"], merges: [], specialTokens: [], splitter: .gpt2)
    }
  }
}
