import Embedders
import Foundation
import Testing
import Workloads

@Suite struct EmbeddingAdapterTests {
  private let fixture: EmbeddingAdapterFixture

  init() throws { fixture = try EmbeddingAdapterFixture() }

  @Test(arguments: [1, 2, 7])
  func wellBehavedAdapterIsRead(batch: Int) throws {
    let engine = fixture.engine("", parameters: ["precision": "f32"])
    defer { engine.close() }
    #expect(try engine.privateBytes() == 1000)
    #expect(try engine.load(threads: 2) == 1e-6)
    #expect(engine.version == "fake 0.1")
    let pass = try engine.embed(EmbeddingAdapterFixture.input, batch: batch)
    let expected = FakeModel().embed(EmbeddingAdapterFixture.texts, as: .document).values
    #expect(pass.dimension == 5)
    #expect(zip(pass.vectors, expected).allSatisfy { abs($0 - $1) < 1e-4 }, "Perl computes in double precision")
    #expect(pass.latencies == Array(repeating: 10, count: (5 + batch - 1) / batch))
    #expect(pass.seconds == 1e-6)
    #expect(pass.tokenizeSeconds == 5e-7)
    #expect(pass.differingTexts == 0)
    // 5, 10, 2, 7 and 6 tokens.
    #expect(pass.paddedTokens == [1: 30, 2: 10 * 2 + 7 * 2 + 6, 7: 50][batch])
    #expect(try engine.embed(EmbeddingAdapterFixture.input, batch: batch) == pass)
  }

  /// What each fault must say: the sentence's beginning and what it must name.
  @Test(arguments: [
    ("crash-open", "adapter fake ended with signal 11 during open", "out of ideas in open"),
    ("hang-open", "adapter fake gave no answer to open within 0.2 s", ""),
    ("refuse-open", "adapter fake refused open", "unknown parameter colour"),
    ("load", "adapter fake answered open with nonsense", "load_seconds is -1.0"),
    ("load-text", "adapter fake answered open with nonsense", "load_seconds"),
    ("crash-embed", "adapter fake ended with signal 11 during embed", "out of ideas in embed"),
    ("hang-embed", "adapter fake gave no answer to embed within 0.2 s", ""),
    ("refuse-embed", "adapter fake refused embed", "unknown parameter colour"),
    ("no-file", "adapter fake answered embed with nonsense", "cannot be opened"),
    ("magic", "adapter fake answered embed with nonsense", "RMEMBEDS"),
    ("flat", "adapter fake answered embed with nonsense", "dimension 0"),
    ("few", "adapter fake answered embed with nonsense", "4 texts, 3 calls; asked were version 1, 5 texts, 3 calls"),
    ("short", "adapter fake answered embed with nonsense", "has 184 bytes"),
    ("nan", "adapter fake answered embed with nonsense", "the embedding of text 1 holds nan"),
    ("infinite", "adapter fake answered embed with nonsense", "the embedding of text 1 holds inf"),
    ("latency-zero", "adapter fake answered embed with nonsense", "call 1 took 0 ns"),
    ("latency-too-long", "adapter fake answered embed with nonsense", "a call took 60.0 s"),
    ("seconds", "adapter fake answered embed with nonsense", "seconds is 1000000.0"),
    ("padded", "adapter fake answered embed with nonsense", "padded_tokens is 3, fewer than the 30 tokens"),
    ("differing", "adapter fake answered embed with nonsense", "differing_texts is 99 of 5 texts"),
  ])
  func faultIsOneSentence(fault: String, beginning: String, naming: String) throws {
    let isSlow = fault.hasPrefix("hang")
    let engine = fixture.engine(
      fault, timeouts: isSlow ? AdapterTimeouts(build: 0.2, search: 0.2) : AdapterTimeouts())
    defer { engine.close() }
    let error = #expect(throws: AdapterError.self) {
      _ = try engine.load(threads: 1)
      _ = try engine.embed(EmbeddingAdapterFixture.input, batch: 2)
    }
    let sentence = error?.description ?? ""
    #expect(sentence.hasPrefix(beginning), "\(sentence)")
    #expect(naming.isEmpty || sentence.contains(naming), "\(sentence)")
    #expect(!sentence.contains("\n"))
  }

  @Test func textsWithoutTokensAreNotSent() throws {
    let engine = fixture.engine("")
    defer { engine.close() }
    _ = try engine.load(threads: 1)
    #expect(throws: EngineError("adapters embed tokens, and these texts have none")) {
      try engine.embed(EmbeddingTexts(texts: ["one"], tokens: nil), batch: 1)
    }
  }
}
