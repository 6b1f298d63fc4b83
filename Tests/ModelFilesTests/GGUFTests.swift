import Foundation
import ModelFiles
import TestFixtures
import Testing
import Tokenizers

@Suite struct GGUFTests {
  private let folder = TemporaryFolder()
  private static let tokens =
    (33...126).map { String(UnicodeScalar(UInt8($0))) } + ["Ġ", "Ċ", "hi", "Ġhi", "<s>"]

  /// A tokenizer of 99 tokens, and two tensors of 64 values.
  private func sample(
    rule: String = "smollm", rows: UInt64 = 100, second: UInt64 = 64, type: UInt32 = 3, cut: Int = 0
  ) throws -> String {
    var writer = GGUFWriter.header(tensors: 2, keys: 5)
    writer.key("tokenizer.ggml.model", "gpt2")
    writer.key("tokenizer.ggml.pre", rule)
    writer.key("tokenizer.ggml.tokens", texts: Self.tokens)
    writer.key("tokenizer.ggml.token_type", numbers: [Int32](repeating: 1, count: Self.tokens.count - 1) + [3])
    writer.key("tokenizer.ggml.merges", texts: ["h i", "Ġ hi"])
    writer.tensor("token_embd.weight", [1, rows], type: 24, offset: 0)
    writer.tensor("b", [64], type: type, offset: second)
    let start = (writer.bytes.count + 31) / 32 * 32
    writer.bytes += [UInt8](repeating: 0, count: start + 128 + 40 - writer.bytes.count - cut)
    return try folder.file("model/a.gguf", writer.bytes)
  }

  @Test func metadataTensorsAndTokenizer() throws {
    let path = try sample(second: 128)
    let file = try GGUFFile(path: path)
    #expect(file.metadata["tokenizer.ggml.pre"] == .string("smollm"))
    #expect(file.tensors.map(\.name) == ["token_embd.weight", "b"])
    let tensor = try file.tensor("b")
    #expect(tensor.type.name == "Q4_1" && tensor.shape == [64] && tensor.range.count == 40)
    let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    #expect(tensor.range.upperBound == size && tensor.range.lowerBound % 32 == 0)
    #expect(failure { _ = try file.tensor("c") } == "\(path): tensor 'c': is not among the 2 tensors of the file")
    let tokenizer = try TokenizerReader.read(ModelFolder(path: "\(folder.path)/model"))
    #expect(tokenizer.encode("hi hi<s>", addSpecialTokens: true).ids == [96, 97, 98])
  }

  @Test func mistakesNameTensorAndKey() throws {
    func refusal(_ path: String) -> String { failure { _ = try GGUFFile(path: path).tokenizer() } ?? "read" }
    #expect(refusal(try sample(second: 64)).contains("tensor 'b': begins at byte"))
    #expect(refusal(try sample(second: 100)).contains("tensor 'b': begins at no multiple of 32"))
    #expect(
      refusal(try sample(second: 128, cut: 1)).contains(
        "tensor 'b': ends at byte 168 of the data, and the file holds 167"))
    #expect(refusal(try sample(second: 128, type: 99)).contains("tensor 'b': is of the type 99"))
    #expect(refusal(try sample(second: 128, type: 14)).contains("tensor 'b': has rows of 64 values"))
    #expect(refusal(try sample(rows: 98, second: 128)).contains("has 99 tokens, and the model was trained with 98"))
    #expect(
      refusal(try sample(rule: "tekken", second: 128)).contains(
        "key 'tokenizer.ggml.pre': is \"tekken\"; known are gpt-2"))
    #expect(refusal(try folder.file("x", "not a model")).contains("byte 0: is no GGUF file"))
    #expect(
      refusal(try folder.file("x", GGUFWriter.header(version: 9, tensors: 0, keys: 0).bytes)).contains("version 9"))
    #expect(
      refusal(try folder.file("x", GGUFWriter.header(tensors: 1 << 60, keys: 0).bytes)).contains(
        "more than the file can hold"))
    #expect(
      refusal(try folder.file("x", GGUFWriter.header(tensors: 0, keys: 0).bytes)).contains(
        "'tokenizer.ggml.model': is missing"))
  }

  @Test func severalFilesOfWeightsNeedAPath() throws {
    _ = try sample(second: 128)
    _ = try folder.file("model/b.gguf", "x")
    let sentence = failure { _ = try TokenizerReader.read(ModelFolder(path: "\(folder.path)/model")) }
    #expect(sentence?.contains("several files of weights: a.gguf, b.gguf") == true)
    let named = try ModelFolder(path: "\(folder.path)/model/a.gguf")
    #expect(named.name == "a" && named.path == "\(folder.path)/model")
    #expect(try named.weights(endingIn: ".gguf") == "\(folder.path)/model/a.gguf")
    #expect(try TokenizerReader.read(named).vocabularySize == 99)
    #expect(failure { _ = try ModelFolder(path: "\(folder.path)/model/c.gguf") }?.contains("no .gguf file") == true)
  }

  /// However the header is damaged or cut: an error with its place, or a file whose tensors lie within it.
  @Test func damagedHeadersAreNoDanger() throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: sample(second: 128))))
    for offset in stride(from: 0, to: whole.count - 168, by: 5) {
      for damaged in [Array(whole[..<offset]), whole[..<offset] + [whole[offset] ^ 0xFF] + whole[(offset + 1)...]] {
        guard !damaged.isEmpty else { continue }
        do {
          let file = try GGUFFile(path: folder.file("damaged.gguf", damaged))
          for tensor in file.tensors { #expect(tensor.range.upperBound <= damaged.count, "byte \(offset)") }
        } catch { #expect(error is ModelFileError, "byte \(offset): \(error)") }
      }
    }
  }
}
