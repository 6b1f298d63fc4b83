import Foundation
import JSON
import ModelFiles
import TestFixtures
import Testing
import Tokenizers

@Suite struct TokenizerReaderTests {
  private let folder = TemporaryFolder()
  private let pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "über", "uber", "##s", "ü", "<tag>"]

  private func wordPiece(_ change: (inout [String: Any]) -> Void = { _ in }) throws -> String {
    var model: [String: Any] = [
      "added_tokens": [["id": 9, "content": "<tag>", "special": true]],
      "normalizer": ["type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true],
      "pre_tokenizer": ["type": "BertPreTokenizer"],
      "post_processor": [
        "type": "TemplateProcessing",
        "single": [
          ["SpecialToken": ["id": "[CLS]", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
          ["SpecialToken": ["id": "[SEP]", "type_id": 0]],
        ],
      ],
      "model": [
        "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
        "vocab": Dictionary(uniqueKeysWithValues: pieces.dropLast().enumerated().map { ($1, $0) }),
      ],
    ]
    change(&model)
    return String(decoding: try JSONSerialization.data(withJSONObject: model), as: UTF8.self)
  }

  private func read(_ files: [String: String]) throws -> any Tokenizer {
    for (name, text) in files { _ = try folder.file("model/\(name)", text) }
    return try TokenizerReader.read(ModelFolder(path: "\(folder.path)/model"))
  }

  @Test func wordPieceOfTokenizerJSON() throws {
    let tokenizer = try read(["tokenizer.json": wordPiece(), "config.json": #"{"vocab_size": 10}"#])
    #expect(tokenizer.vocabularySize == 10)
    #expect(tokenizer.encode("Übers <tag>", addSpecialTokens: true).ids == [2, 6, 7, 9, 3])
    let accents = try wordPiece {
      $0["normalizer"] = ["type": "BertNormalizer", "lowercase": true, "strip_accents": false]
    }
    #expect(try read(["tokenizer.json": accents]).encode("Übers", addSpecialTokens: false).ids == [5, 7])
  }

  @Test func wordPieceOfVocabularyText() throws {
    let vocabulary = pieces.joined(separator: "\r\n") + "\r\n"
    #expect(try read(["vocab.txt": vocabulary]).encode("Übers", addSpecialTokens: true).ids == [2, 6, 7, 3])
    let cased = try read(["vocab.txt": vocabulary, "tokenizer_config.json": #"{"do_lower_case": false}"#])
    #expect(cased.encode("übers Übers", addSpecialTokens: false).ids == [5, 7, 1])
  }

  /// Pieces that Unicode holds for equal stay two pieces.
  @Test func piecesAreComparedByBytes() throws {
    let text = try wordPiece().replacingOccurrences(of: "\"uber\"", with: "\"u\u{308}ber\"")
    #expect(try read(["tokenizer.json": text]).vocabularySize == 10)
  }

  @Test func vocabularyThatDoesNotFitIsRefused() throws {
    let text = try wordPiece()
    for rows in [9, 2000] {
      let sentence = failure { _ = try read(["tokenizer.json": text, "config.json": "{\"vocab_size\": \(rows)}"]) }
      #expect(sentence?.contains("tokenizer.json: has 10 pieces, and the model was trained with \(rows)") == true)
    }
  }

  @Test func whatIsNotDoneHereIsRefusedByName() throws {
    func refusal(_ change: (inout [String: Any]) -> Void) throws -> String {
      let text = try wordPiece(change)
      return failure { _ = try read(["tokenizer.json": text]) } ?? "read"
    }
    #expect(try refusal { $0["normalizer"] = ["type": "NFC"] }.contains("field 'normalizer.type': is \"NFC\""))
    #expect(
      try refusal { $0["pre_tokenizer"] = ["type": "Whitespace"] }.contains(
        "field 'pre_tokenizer.type': is \"Whitespace\""))
    #expect(try refusal { $0["post_processor"] = NSNull() }.contains("field 'post_processor': must put [CLS]"))
    #expect(try refusal { $0["model"] = ["type": "Unigram"] }.contains("field 'model.type': is \"Unigram\""))
    #expect(
      try refusal { $0["added_tokens"] = [["id": 9, "content": "x", "lstrip": true]] }
        .contains("field 'added_tokens[0].lstrip': is true"))
    #expect(
      try refusal { $0["added_tokens"] = [["id": 12, "content": "x"]] }.contains(
        "'x' has the id 12, and ids run from 0"))
    #expect(try refusal { $0["added_tokens"] = [["id": 2, "content": "x"]] }.contains("which '[CLS]' has already"))
    #expect(failure { _ = try read(["tokenizer.json": "{"]) }?.contains("tokenizer.json: byte 1: ") == true)
  }

  @Test func folderWithoutTokenizerIsNamed() throws {
    #expect(failure { _ = try read(["config.json": "{}"]) }?.contains("/model: holds no tokenizer") == true)
  }

  /// A byte-level BPE over single bytes and three merges, in each library's way of writing its rule.
  private func bpe(_ rule: String, merges: String = #"["h i", "Ġ hi"]"#, more: String = "") -> String {
    let printable = (33...126).map { String(UnicodeScalar(UInt8($0))) } + ["Ġ", "Ċ"]
    let tokens = printable + ["hi", "Ġhi"]
    let vocabulary = tokens.enumerated().map { index, token in
      "\"\(token.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\""))\": \(index)"
    }
    return """
      {"added_tokens": [{"id": \(tokens.count), "content": "<s>", "special": true}], "normalizer": null, \(more)
       "pre_tokenizer": \(rule), "model": {"type": "BPE", "merges": \(merges), "vocab": {\(vocabulary.joined(separator: ", "))}}}
      """
  }

  @Test func byteLevelBPEOfFourFamilies() throws {
    let gpt2 = #"{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}"#
    let smollm = #"{"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true}, \#(gpt2)]}"#
    let pattern =
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
      .replacingOccurrences(of: "\\", with: "\\\\")
    let llama =
      #"{"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\#(pattern)"}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}"#
    let qwen = llama.replacingOccurrences(of: "{1,3}", with: "")
    for (rule, splitter) in [(gpt2, WordSplitter.gpt2), (smollm, .smollm), (llama, .llama3), (qwen, .qwen2)] {
      for merges in [#"["h i", "Ġ hi"]"#, #"[["h", "i"], ["Ġ", "hi"]]"#] {
        let tokenizer = try #require(try read(["tokenizer.json": bpe(rule, merges: merges)]) as? ByteLevelBPETokenizer)
        #expect(tokenizer.splitter == splitter)
        #expect(tokenizer.encode("hi hi<s>", addSpecialTokens: true).ids == [96, 97, 98])
      }
    }
    let template =
      #""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}]},"#
    let beginning = try read(["tokenizer.json": bpe(gpt2, more: template)])
    #expect(beginning.encode("hi", addSpecialTokens: true).ids == [98, 96])
    let prefixed = gpt2.replacingOccurrences(of: "false", with: "true")
    #expect(
      failure { _ = try read(["tokenizer.json": bpe(prefixed)]) }?.contains(
        "are not those of GPT-2, Llama 3, Qwen 2 or SmolLM")
        == true)
    #expect(
      failure { _ = try read(["tokenizer.json": bpe(gpt2, merges: #"["h"]"#)]) }?.contains(
        "field 'model.merges[0]': must name two") == true)
  }
}
