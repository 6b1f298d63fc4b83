import Embedders
import Foundation
import Kernels
import ModelFiles
import Testing

/// Embeddings of two small random models by Hugging Face transformers: Goldens/BERT/make.py.
@Suite struct BERTEmbedderTests {
  @Test(arguments: EncoderKernels.available, ["mean", "cls"]) func equalToTransformers(kernels: String, model: String)
    throws
  {
    let embedder = try BERTGolden.embedder(model, kernels: kernels)
    for golden in try BERTGolden.load() where golden.model == model {
      let batch = try embedder.embed([golden.text], as: golden.role)
      #expect(batch.tokens == [golden.tokens])
      #expect(batch.truncatedTokens == [golden.truncated])
      #expect(difference(batch.values, golden.embedding) < 2e-6, "\(golden.tokens) tokens")
    }
  }

  @Test(arguments: EncoderKernels.available, ["mean", "cls"]) func roundedIsNear(kernels: String, model: String) throws
  {
    let embedder = try BERTGolden.embedder(model, precision: .bf16, kernels: kernels)
    let goldens = try BERTGolden.load().filter { $0.model == model }
    let cosines = try goldens.map { golden in
      zip(try embedder.embed([golden.text], as: golden.role).values, golden.embedding).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(cosines.reduce(0, +) / Float(cosines.count) > 0.9999)
    #expect(cosines.allSatisfy { $0 > 0.9995 })
  }

  @Test(arguments: BERTPrecision.allCases, [1, 2]) func doesNotDependOnTheBatch(precision: BERTPrecision, threads: Int)
    throws
  {
    let goldens = try BERTGolden.load().filter { $0.model == "mean" }
    let alone = try BERTGolden.embedder("mean", precision: precision)
    let together = try BERTGolden.embedder("mean", precision: precision, threads: threads)
    let single = try goldens.map { try alone.embed([$0.text], as: .document).values }
    var random = SystemRandomNumberGenerator()
    for count in [2, 7, 1_000] {
      let picks = (0..<count).map { _ in Int.random(in: 0..<goldens.count, using: &random) }
      let batch = try together.embed(picks.map { goldens[$0].text }, as: .document)
      #expect(batch.count == count)
      for (place, pick) in picks.enumerated() {
        #expect(difference(Array(batch[place]), single[pick]) < 1e-6, "\(picks)")
      }
    }
  }

  @Test func slicesAreJoinedInOrder() throws {
    let embedder = try BERTGolden.embedder("mean", threads: 2)
    let goldens = try BERTGolden.load().filter { $0.model == "mean" && $0.tokens < 12 }
    let texts = (0..<5_000).map { goldens[$0 % goldens.count].text }
    let batch = try embedder.embed(texts, as: .document)
    #expect(batch.count == 5_000)
    for text in [0, 1, 2_047, 2_048, 2_049, 4_999] {
      #expect(difference(Array(batch[text]), goldens[text % goldens.count].embedding) < 2e-6)
    }
  }

  @Test func noTexts() throws {
    let embedder = try BERTGolden.embedder("mean")
    #expect(try embedder.embed([], as: .query).count == 0)
    #expect(try embedder.embed(TokenizedTexts()).count == 0)
  }

  @Test func whatIsBeyondTheLimitIsCounted() throws {
    let embedder = try BERTGolden.embedder("mean")
    let long = String(repeating: "vector ", count: 9_998)
    let exact = String(repeating: "vector ", count: 254)
    let batch = try embedder.embed([long, exact], as: .document)
    #expect(embedder.maximumTokens == 256)
    #expect(batch.tokens == [256, 256])
    #expect(batch.truncatedTokens == [9_744, 0])
    #expect(difference(Array(batch[0]), Array(batch[1])) < 1e-6)
  }

  @Test func tokensAndTextsGiveTheSame() throws {
    let embedder = try BERTGolden.embedder("cls", threads: 2)
    let goldens = try BERTGolden.load().filter { $0.model == "cls" && $0.role == .query }
    let tokens = try embedder.tokenize(goldens.map(\.text), as: .query)
    #expect(tokens.count == goldens.count)
    #expect(tokens.truncatedTokens == goldens.map(\.truncated))
    #expect(try embedder.embed(tokens) == embedder.embed(goldens.map(\.text), as: .query))
  }

  @Test func refusesTokensThatNoTextHas() throws {
    let embedder = try BERTGolden.embedder("mean")
    func reason(_ ids: [Int32], _ offsets: [Int]) -> String {
      do {
        _ = try embedder.embed(
          TokenizedTexts(ids: ids, offsets: offsets, truncatedTokens: Array(repeating: 0, count: offsets.count - 1)))
        return ""
      } catch { return "\(error)" }
    }
    #expect(reason([2, 3], [0, 2]) == "")
    #expect(reason([2, 37], [0, 2]) == "token id 37 at 1 is outside the vocabulary of 37 entries")
    #expect(reason([2, -1], [0, 2]) == "token id -1 at 1 is outside the vocabulary of 37 entries")
    #expect(reason([2, 3], [0, 0, 2]) == "text 0 has no tokens; an empty text has [CLS] and [SEP]")
    #expect(reason([2, 3], [0, 3, 2]).hasPrefix("text 1 has no tokens"))
    #expect(reason([2, 3], [0, 1]) == "the offsets of the texts do not span their 2 token ids")
    #expect(
      reason(Array(repeating: 2, count: 257), [0, 257]) == "text 0 has 257 tokens, and 'mean' reads 256; cut it before")
  }

  /// all-MiniLM-L6-v2 by PyTorch.
  @Test(.enabled(if: MiniLM.isHere, "RAGMETER_REFERENCE or the model 'minilm' is missing: fetch it"))
  func miniLMEqualsTheReference() throws {
    let references = try MiniLM.references()
    let full = try BERTEmbedder(folder: MiniLM.folder(), precision: .f32, threads: 2)
    let tokens = try full.tokenize(references.map(\.text), as: .document)
    for (text, reference) in references.enumerated() {
      let ids = Array(tokens.ids[tokens.offsets[text]..<tokens.offsets[text + 1]])
      #expect(ids == reference.ids, "\(reference.text)")
      #expect(ids.count + tokens.truncatedTokens[text] == reference.untruncated)
    }
    let batch = try full.embed(tokens)
    for (text, reference) in references.enumerated() {
      #expect(difference(Array(batch[text]), reference.embedding) <= 1e-5)
      #expect(cosine(batch[text], reference.embedding) >= 0.999999)
    }
    let rounded = try BERTEmbedder(folder: MiniLM.folder(), precision: .bf16, threads: 2).embed(tokens)
    let cosines = references.enumerated().map { cosine(rounded[$0.offset], $0.element.embedding) }
    #expect(cosines.reduce(0, +) / Double(cosines.count) >= 0.9999)
    #expect(cosines.allSatisfy { $0 >= 0.9997 })
  }
}

private func cosine(_ a: ArraySlice<Float>, _ b: [Float]) -> Double {
  func dot(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
  return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
}

private func difference(_ a: [Float], _ b: [Float]) -> Float {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}
