import Foundation
import JSON
import ModelFiles
import Testing
import Tokenizers

/// Weights are not in the repository; these tests run where `ragmeter model fetch` has been.
enum Real {
  static func folder(_ name: String) -> ModelFolder? {
    guard let library = try? ModelLibrary(environment: ProcessInfo.processInfo.environment),
      let entry = library.catalog[name], library.isHere(entry)
    else { return nil }
    return try? ModelFolder(path: library.path(of: entry))
  }

  static func reference(_ name: String) -> JSONValue? {
    guard let root = ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"],
      let data = FileManager.default.contents(atPath: "\(root)/\(name)/reference.json")
    else { return nil }
    return data.withUnsafeBytes { try? JSONValue.parse($0) }
  }

  static var hasMiniLM: Bool { folder("minilm") != nil && reference("minilm") != nil }
  static var hasSmolLM2: Bool { folder("smollm2-135m") != nil && reference("smollm2") != nil }
}

@Suite struct RealModelTests {
  @Test(.enabled(if: Real.hasMiniLM, "needs minilm in the cache and RAGMETER_REFERENCE"))
  func miniLMsTokenIDsAreTheReferences() throws {
    let folder = try #require(Real.folder("minilm"))
    let transformer = try SentenceTransformer(folder)
    #expect(transformer.pooling == .mean && transformer.normalizes && transformer.maximumTokens == 256)
    let tokenizer = try TokenizerReader.read(folder)
    let cases = try #require(Real.reference("minilm")?.array)
    for item in cases {
      let text = try #require(item["text"]?.string)
      let expected = try #require(item["ids"]?.array).compactMap(\.integer).map { Int32($0) }
      let ids = tokenizer.encode(text, addSpecialTokens: true).ids
      #expect(ids.count == item["n_ids_untruncated"]?.integer, "\(text.prefix(80))")
      #expect(ids.dropLast().prefix(255) == expected.dropLast().prefix(255), "\(text.prefix(80))")
    }
    #expect(cases.count > 10)
  }

  @Test(.enabled(if: Real.hasMiniLM, "needs minilm in the cache"))
  func miniLMsWeightsHaveTheShapesOfItsConfiguration() throws {
    let folder = try #require(Real.folder("minilm"))
    let shape = try BERTConfiguration(folder)
    let file = try SafetensorsFile(path: folder.file("model.safetensors"))
    let table = try file.floats("embeddings.word_embeddings.weight", shape: [shape.vocabularySize, shape.hiddenSize])
    let isFinite = table.allSatisfy(\.isFinite)
    #expect(isFinite)
    #expect(throws: ModelFileError.self) {
      _ = try file.floats("embeddings.word_embeddings.weight", shape: [384, 30522])
    }
  }

  @Test(.enabled(if: Real.hasSmolLM2, "needs smollm2-135m in the cache and RAGMETER_REFERENCE"))
  func smolLM2sTokenIDsAreTheReferences() throws {
    let tokenizer = try TokenizerReader.read(#require(Real.folder("smollm2-135m")))
    let reference = try #require(Real.reference("smollm2"))
    let unparsed = try Self.withoutSpecialTokens(#require(Real.folder("smollm2-135m")))
    let cases = try #require(reference["tokenizer"]?.array)
    #expect(cases.count == 24)
    for item in cases {
      let text = try #require(item["text"]?.string)
      let plain = try #require(item["ids"]?.array).compactMap(\.integer).map { Int32($0) }
      #expect(unparsed.encode(text, addSpecialTokens: true).ids == plain, "\(text)")
      let expected = try #require(item["ids_parse_special"]?.array).compactMap(\.integer).map { Int32($0) }
      #expect(tokenizer.encode(text, addSpecialTokens: true).ids == expected, "\(text)")
      #expect(tokenizer.decode(expected, skipSpecialTokens: false) == text, "\(text)")
    }
    for item in try #require(reference["greedy"]?.array) {
      let prompt = try #require(item["prompt"]?.string)
      let expected = try #require(item["prompt_ids"]?.array).compactMap(\.integer).map { Int32($0) }
      #expect(tokenizer.encode(prompt, addSpecialTokens: true).ids == expected, "\(prompt)")
    }
  }

  /// The vocabulary and the merges of a file, no token of which a text can spell out.
  private static func withoutSpecialTokens(_ folder: ModelFolder) throws -> ByteLevelBPETokenizer {
    let file = try GGUFFile(path: #require(try folder.weights(endingIn: ".gguf")))
    let merges = try file.value("tokenizer.ggml.merges", \.array).compactMap(\.string).map { text in
      let parts = text.split(separator: " ").map(String.init)
      return (left: parts[0], right: parts[1])
    }
    return try ByteLevelBPETokenizer(
      tokens: file.value("tokenizer.ggml.tokens", \.array).compactMap(\.string), merges: merges, specialTokens: [],
      splitter: .smollm)
  }
}
