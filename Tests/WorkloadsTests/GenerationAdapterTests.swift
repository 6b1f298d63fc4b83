import Foundation
import Testing
import Workloads

@Suite struct GenerationAdapterTests {
  private let fixture: GenerationAdapterFixture

  init() throws { fixture = try GenerationAdapterFixture() }

  @Test func wellBehavedAdapterIsRead() throws {
    let engine = fixture.engine("", parameters: ["n_parallel": "8"])
    defer { engine.close() }
    #expect(try engine.privateBytes() == 1000)
    #expect(try engine.load(threads: 2, for: GenerationSetting()) == 1e-6)
    #expect(engine.version == "fake 0.1")
    let setting = GenerationSetting(temperature: 0.5, seed: 7)
    let pass = try engine.generate(GenerationAdapterFixture.requests, setting)
    #expect(pass.seconds == 2e-6)
    #expect(pass.prefill == GenerationPass.Phase(tokens: 12, seconds: 5e-7))
    #expect(pass.decode == GenerationPass.Phase(tokens: 6, seconds: 1e-6))
    #expect(pass.generatedTokens == 14)
    #expect(pass.memory == nil && pass.wallSeconds == nil)
    #expect(try engine.generate(GenerationAdapterFixture.requests, setting) == pass)
  }

  @Test func anEngineMayKnowItsTimeAlone() throws {
    let engine = fixture.engine("silent")
    defer { engine.close() }
    _ = try engine.load(threads: 1, for: GenerationSetting())
    let pass = try engine.generate(GenerationAdapterFixture.requests, GenerationSetting())
    #expect(pass == GenerationPass(seconds: 2e-6))
  }

  /// What each fault must say: the sentence's beginning and what it must name.
  @Test(arguments: [
    ("crash-open", "adapter fake ended with signal 11 during open", "out of ideas in open"),
    ("hang-open", "adapter fake gave no answer to open within 0.2 s", ""),
    ("load", "adapter fake answered open with nonsense", "load_seconds is -1.0"),
    ("crash-generate", "adapter fake ended with signal 11 during generate", "out of ideas in generate"),
    ("hang-generate", "adapter fake gave no answer to generate within 0.2 s", ""),
    ("refuse-generate", "adapter fake refused generate", "unknown parameter colour"),
    ("no-file", "adapter fake answered generate with nonsense", "cannot be opened"),
    ("magic", "adapter fake answered generate with nonsense", "RMANSWER"),
    ("short", "adapter fake answered generate with nonsense", "has 96 bytes; 9 tokens of 3 outputs make 100"),
    ("few", "adapter fake answered generate with nonsense", "2 outputs, 9 tokens; asked were version 1, 3 outputs"),
    ("negative", "adapter fake answered generate with nonsense", "the answers hold the token -3"),
    ("seconds", "adapter fake answered generate with nonsense", "seconds is 1000000.0"),
    ("zero", "adapter fake answered generate with nonsense", "seconds is 0.0"),
    (
      "long-prefill", "adapter fake answered generate with nonsense", "prefill_seconds and decode_seconds are 1000000.0"
    ),
    ("prefill-tokens", "adapter fake answered generate with nonsense", "prefill_tokens is 1000000000; there are 16"),
    ("partly", "adapter fake answered generate with nonsense", "and not all four"),
    ("generated", "adapter fake answered generate with nonsense", "generated_tokens is 1, fewer than the 9"),
  ])
  func faultIsOneSentence(fault: String, beginning: String, naming: String) throws {
    let isSlow = fault.hasPrefix("hang")
    let engine = fixture.engine(
      fault, timeouts: isSlow ? AdapterTimeouts(build: 0.2, search: 0.2) : AdapterTimeouts())
    defer { engine.close() }
    let error = #expect(throws: AdapterError.self) {
      _ = try engine.load(threads: 1, for: GenerationSetting())
      _ = try engine.generate(GenerationAdapterFixture.requests, GenerationSetting())
    }
    let sentence = error?.description ?? ""
    #expect(sentence.hasPrefix(beginning), "\(sentence)")
    #expect(naming.isEmpty || sentence.contains(naming), "\(sentence)")
    #expect(!sentence.contains("\n"))
  }
}
