import Embedders
import Foundation
import Kernels
import ModelFiles
import Testing

/// What the faster arithmetics cost, against float32 and against PyTorch.
@Suite struct BERTPrecisionTests {
  /// The models are small and random, and their numbers spread wider than those of a trained model.
  @Test(arguments: EncoderKernels.available, ["mean", "cls"]) func bytesAreNear(kernels: String, model: String) throws {
    let embedder = try BERTGolden.embedder(model, precision: .int8, kernels: kernels)
    #expect(embedder.precision == .int8)
    let goldens = try BERTGolden.load().filter { $0.model == model }
    let batches = try goldens.map { try embedder.embed([$0.text], as: $0.role).values }
    let agreement = try EmbeddingAgreement(
      Self.batch(batches.flatMap { $0 }, embedder.dimension),
      reference: Self.batch(goldens.flatMap(\.embedding), embedder.dimension))
    #expect(agreement.meanCosine > 0.999, "\(agreement)")
    #expect(agreement.minimumCosine > 0.995, "\(agreement)")
  }

  @Test(arguments: EncoderKernels.available) func fastIsWhatTheCPUHas(kernels: String) throws {
    let precision = try BERTGolden.embedder("mean", precision: .fast, kernels: kernels).precision
    switch kernels {
    case "avx512bf16": #expect([.int8, .bf16].contains(precision))
    case "avx512": #expect([.int8, .f32].contains(precision))
    default: #expect(precision == .f32)
    }
  }

  /// Calibration draws from a seed, so that a model gives the same vectors every time it is loaded.
  @Test func loadsTheSameTwice() throws {
    let texts = try BERTGolden.load().map(\.text)
    let vectors = try (1...2).map {
      try BERTGolden.embedder("mean", precision: .int8, threads: $0).embed(texts, as: .document).values
    }
    #expect(vectors[0] == vectors[1])
  }

  @Test(.enabled(if: MiniLM.isHere, "RAGMETER_REFERENCE or the model 'minilm' is missing: fetch it"))
  func miniLMInBytesIsNearTheReference() throws {
    let references = try MiniLM.references()
    let full = try BERTEmbedder(folder: MiniLM.folder(), precision: .f32, threads: 2)
    let bytes = try BERTEmbedder(folder: MiniLM.folder(), precision: .fast, threads: 2)
    func check(_ texts: [String], _ what: String) throws {
      let agreement = try EmbeddingAgreement(
        bytes.embed(texts, as: .document), reference: full.embed(texts, as: .document))
      #expect(agreement.meanCosine >= 0.999, "\(what): \(agreement)")
      #expect(agreement.minimumCosine >= 0.995, "\(what): \(texts[agreement.worstText]), \(agreement)")
    }
    let agreement = try EmbeddingAgreement(
      bytes.embed(references.map(\.text), as: .document),
      reference: Self.batch(references.flatMap(\.embedding), bytes.dimension))
    #expect(agreement.meanCosine >= 0.999, "\(agreement)")
    #expect(agreement.minimumCosine >= 0.995, "\(agreement)")

    try check(Self.passages(), "handbook")
    // Texts of one to three odd words are the weakest: nothing averages their errors.
    var random = Int32(1)
    let words: [[Int32]] = (0..<600).map { text in
      (0...text % 3).map { _ in
        random = random &* 1_103_515_245 &+ 12_345
        return 1_000 + abs(random >> 8) % 29_000
      }
    }
    var odd = TokenizedTexts()
    for ids in words {
      odd.ids += [101] + ids + [102]
      odd.offsets.append(odd.ids.count)
      odd.truncatedTokens.append(0)
    }
    let short = try EmbeddingAgreement(bytes.embed(odd), reference: full.embed(odd))
    #expect(short.meanCosine >= 0.999, "\(short)")
    #expect(short.minimumCosine >= 0.995, "\(words[short.worstText]), \(short)")
  }

  @Test func agreementFindsTheWorst() throws {
    let reference = Self.batch([1, 0, 0, 1, 3, 4], 2)
    let agreement = try EmbeddingAgreement(Self.batch([2, 0, 1, 1, 3, 4], 2), reference: reference)
    #expect(agreement.worstText == 1)
    #expect(abs(agreement.minimumCosine - 0.5.squareRoot()) < 1e-12)
    #expect(abs(agreement.meanCosine - (2 + 0.5.squareRoot()) / 3) < 1e-12)
    let broken = try EmbeddingAgreement(Self.batch([2, 0, 1, 1, .nan, 4], 2), reference: reference)
    #expect(broken.worstText == 2 && broken.minimumCosine.isNaN)
    #expect(throws: EmbedderError.self) { try EmbeddingAgreement(Self.batch([1, 0], 2), reference: reference) }
    #expect(throws: EmbedderError.self) { try EmbeddingAgreement(Self.batch([], 2), reference: Self.batch([], 2)) }
  }

  private static func batch(_ values: [Float], _ dimension: Int) -> EmbeddingBatch {
    EmbeddingBatch(dimension: dimension, values: values, tokens: [], truncatedTokens: [])
  }

  /// The handbook's passages and their lines.
  private static func passages() throws -> [String] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appendingPathComponent("datasets/handbook/passages")
    let passages = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().prefix(24).map {
      try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
    }
    return passages + passages.flatMap { $0.split(separator: "\n").prefix(8).map(String.init) }
  }
}
