import Files
import Foundation
import ModelFiles
import TestFixtures
import Testing
import Tokenizers

/// Bytes of a file, in memory, with zeros behind them up to a size.
///
/// `@unchecked Sendable`: written by `init` alone.
private final class MemoryWeights: WeightSource, @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  init(_ content: [UInt8], size: Int? = nil) {
    let size = max(size ?? content.count, content.count)
    // Zeroed by the system page by page, when they are read.
    let memory = UnsafeMutableRawBufferPointer(start: calloc(size + 1, 1), count: size)
    memory.copyBytes(from: content)
    bytes = UnsafeRawBufferPointer(memory)
  }

  deinit { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) }

  func releaseMemory(_ range: Range<Int>) {}
}

/// Damaged files: an error of one line that names the file, or a model whose every value can be read. `RAGMETER_FUZZ_ROUNDS`
/// sets how many are tried, `RAGMETER_FUZZ_SEED` repeats them.
@Suite struct GGUFFuzzTests {
  private let folder = TemporaryFolder()

  /// True if the bytes could be opened as a file; then all of it is read.
  private func reads(_ bytes: [UInt8], size: Int? = nil, _ circumstance: String) -> Bool {
    let path = "damaged.gguf"
    do {
      let model = try LanguageModel(GGUFFile(path: path, source: MemoryWeights(bytes, size: size)), name: "damaged")
      let shape = model.weights.configuration
      for part in LlamaTensor.Part.allCases {
        guard let matrix = try? model.weights.matrix(.layer(shape.layers - 1, part)) else { continue }
        var row = [Float](repeating: 0, count: matrix.columns)
        for index in [0, matrix.rows - 1] {
          try row.withUnsafeMutableBufferPointer { try matrix.dequantize(rows: index..<index + 1, into: $0) }
        }
      }
      _ = try model.weights.vector(.outputNorm)
      let ids = model.tokenizer.encode("hi there <s> 123", addSpecialTokens: true).ids
      _ = model.tokenizer.decode(ids, skipSpecialTokens: false)
      _ = shape.inverseFrequencies
      _ = try? model.chatTemplate?.render([ChatMessage(role: "user", content: "hi")], addGenerationPrompt: true)
      return true
    } catch {
      let sentence = "\(error)"
      #expect(
        error is ModelFileError && sentence.hasPrefix(path) && sentence.count < 2_000, "\(circumstance): \(error)")
      #expect(!sentence.contains { $0.isNewline }, "\(circumstance)")
      return false
    }
  }

  @Test func damagedFilesAreRefusedOrRead() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    var opened = 0
    let rounds = Fuzz.rounds(3_000)
    for round in 0..<rounds {
      var file = TinyGGUF()
      file.version = round % 2 == 0 ? 2 : 3
      let (whole, start) = file.write()
      // Most of the damage falls on the header; behind it bytes are values, whatever they are.
      var header = Array(whole[..<start])
      var data = Array(whole[start...])
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        if Int.random(in: 0..<8, using: &random) == 0 { random.damage(&data) } else { random.damage(&header) }
      }
      if reads(header + data, "seed \(seed), round \(round)") { opened += 1 }
    }
    // Some damage does not show: were none read, or all, nothing would have been tried.
    #expect(rounds < 100 || (opened > 0 && opened < rounds), "seed \(seed): \(opened) of \(rounds)")
  }

  @Test(.enabled(if: Real.folder("smollm2-135m") != nil, "needs smollm2-135m in the cache"))
  func theRealHeaderDamagedIsRefusedOrRead() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let source = try #require(Real.folder("smollm2-135m"))
    let original = try #require(try source.weights(endingIn: ".gguf"))
    let size = try #require(FileManager.default.attributesOfItem(atPath: original)[.size] as? Int)
    let start = try #require(GGUFFile(path: original).tensors.first?.range.lowerBound)
    let handle = try #require(FileHandle(forReadingAtPath: original))
    let header = try handle.read(upToCount: start) ?? Data()
    for round in 0..<max(1, Fuzz.rounds(3_000) / 100) {
      var bytes = Array(header)
      random.damage(&bytes)
      // The values are as many zeros.
      _ = reads(bytes, size: bytes.count < start ? nil : size, "seed \(seed), round \(round)")
    }
  }

  /// A list that would take far more memory than its file is refused before it is made.
  @Test func listsBeyondAllModelsAreRefused() throws {
    var writer = GGUFWriter.header(tensors: 0, keys: 1)
    writer.put("a")
    writer.put(UInt32(9))
    writer.put(UInt32(7))
    writer.put(UInt64(1 << 23))
    let path = try folder.file("list.gguf", writer.bytes + [UInt8](repeating: 1, count: 1 << 23))
    #expect(failure { _ = try GGUFFile(path: path) }?.contains("states a list of 8388608 elements") == true)
  }
}
