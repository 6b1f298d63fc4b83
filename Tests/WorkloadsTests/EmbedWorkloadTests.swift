import Experiments
import RunStore
import Testing
import Workloads

@Suite struct EmbedWorkloadTests {
  @Test func everyCombinationIsACase() throws {
    let record = try EmbedBench().run(
      """
        - workload: embed
          corpora: [words]
          embedders: ["bytes:precision=f32|coarse"]
          adapters: [{adapter: perl, model: bytes, precision: [a, b], batch: 4, threads: 1}]
          threads: [1, 2]
          batch: [1, 32]
          repetitions: 2
      """)
    #expect(record.cases.compactMap(\.failure) == [])
    #expect(
      Set(record.cases.map(\.id)) == [
        "embed/words/bytes/precision=f32/batch=1", "embed/words/bytes/precision=f32",
        "embed/words/bytes/precision=f32/threads=2,batch=1", "embed/words/bytes/precision=f32/threads=2",
        "embed/words/bytes/precision=coarse/batch=1", "embed/words/bytes/precision=coarse",
        "embed/words/bytes/precision=coarse/threads=2,batch=1", "embed/words/bytes/precision=coarse/threads=2",
        "embed/words/perl/bytes/precision=a/batch=4", "embed/words/perl/bytes/precision=b/batch=4",
      ])
    let adapter = try #require(record.cases.first { $0.labels["precision"] == "a" })
    #expect(
      adapter.labels == [
        "engine": "perl", "embedder": "bytes", "precision": "a", "dataset": "words", "chunker": "whole", "texts": "25",
        "threads": "1", "batch": "4",
      ])
  }

  @Test func metricsSayWhatWasMeasured() throws {
    let record = try EmbedBench().run(
      """
        - workload: embed
          corpora: [words]
          embedders: ["bytes:precision=f32|coarse"]
          adapters: [{adapter: perl, model: bytes, batch: 4}]
          repetitions: 6
      """)
    for one in record.cases {
      #expect(one.failure == nil)
      let metrics = one.metrics
      #expect(metrics["tokens_per_second"]?.n == 6)
      #expect(try #require(metrics["tokens_per_second"]?.value) > 0)
      #expect(metrics["texts_per_second"]?.ci95 != nil)
      // Texts are cut after eight bytes: those with one "abcde" and at most two digits are whole.
      #expect(metrics["truncated_texts"]?.value == 18)
      #expect(metrics["cosine_min"]?.n == 25)
      #expect(metrics["load_seconds"]?.value != nil)
      #expect(metrics["private_bytes"] != nil)
      let with = try #require(metrics["texts_per_second_with_tokenizing"]?.value)
      #expect(try with < #require(metrics["texts_per_second"]?.value))
    }
    let exact = try #require(record.cases.first { $0.labels["precision"] == "f32" }).metrics
    #expect(exact["cosine_min"]?.value == 1)
    #expect(exact["padding_ratio"] == nil, "an embedder of the stack does not say what it pads")
    let coarse = try #require(record.cases.first { $0.labels["precision"] == "coarse" }).metrics
    let (mean, minimum) = (coarse["cosine_mean"]?.value ?? 0, coarse["cosine_min"]?.value ?? 0)
    #expect(mean > 0.9 && mean < 1 && minimum < mean)
    let adapter = try #require(record.cases.first { $0.labels["engine"] == "perl" }).metrics
    #expect(abs(try #require(adapter["cosine_min"]?.value) - 1) < 1e-6)
    #expect(adapter["texts_per_second"]?.value == 25e6)
    #expect(abs(try #require(adapter["texts_per_second_with_tokenizing"]?.value) - 25 / 1.5e-6) < 1)
    #expect(adapter["latency_p50"]?.value == 1e-8)
    #expect(adapter["differing_texts"]?.value == 0)
    #expect(try #require(adapter["padding_ratio"]?.value) >= 1)
    #expect(adapter["private_bytes"]?.value == 1000)
  }

  @Test func anEmbedderWithoutTokensIsMeasuredByTexts() throws {
    let record = try EmbedBench().run(
      "  - {workload: embed, corpora: [words], embedders: [service], batch: 10, repetitions: 2}")
    let one = try #require(record.cases.first)
    #expect(one.failure == nil)
    #expect(one.metrics["tokens_per_second"]?.value == nil)
    #expect(one.metrics["tokens_per_second"]?.reason == "the embedder counts no tokens")
    #expect(one.metrics["cosine_mean"]?.reason == "there is no float32 to compare with")
    #expect(try #require(one.metrics["texts_per_second"]?.value) > 0)
    #expect(one.metrics["latency_max"]?.n == 6)
  }

  @Test func aFailingEngineStopsNoOther() throws {
    let record = try EmbedBench().run(
      """
        - workload: embed
          corpora: [words]
          embedders: ["bytes:precision=f32|broken", unknown]
          adapters: [{adapter: [nan], model: bytes}, {adapter: crash-open, model: bytes}, {adapter: perl, model: bytes}]
          repetitions: 2
      """.replacing("[nan]", with: "nan"))
    let failures = Dictionary(uniqueKeysWithValues: record.cases.map { ($0.id, $0.failure) })
    #expect(failures["embed/words/bytes/precision=f32"] == .some(nil))
    #expect(failures["embed/words/perl/bytes"] == .some(nil))
    #expect(failures["embed/words/bytes/precision=broken"] == "the embedding of text 0 holds nan")
    #expect(failures["embed/words/unknown"] == "no embedder unknown here")
    #expect(
      failures["embed/words/nan/bytes"]??.hasPrefix(
        "adapter nan answered embed with nonsense: the embedding of text 1 holds nan") == true)
    #expect(
      failures["embed/words/crash-open/bytes"]??.hasPrefix("adapter crash-open ended with signal 11 during open")
        == true)
  }

  @Test func aSampleIsSeededAndChunksAreCut() throws {
    let bench = try EmbedBench()
    func hash(_ rest: String) throws -> String {
      try bench.plan("  - {workload: embed, corpora: [words], embedders: [bytes], \(rest)}").workloadHash
    }
    #expect(try hash("texts: 10") == hash("texts: 10"))
    #expect(try hash("texts: 10") != hash("texts: 11"))
    let plan = try bench.plan(
      "  - {workload: embed, corpora: [words], embedders: [bytes], texts: 10, chunkers: [\"recursive:size=6,overlap=0\"]}"
    )
    #expect(plan.cases.map(\.id) == ["embed/words/recursive/size=6,overlap=0/bytes"])
    #expect(plan.cases[0].labels["texts"] == "10")
    #expect(plan.cases[0].labels["size"] == "6")
  }

  @Test func roundsAreShuffledAndResumed() throws {
    let bench = try EmbedBench()
    var passes: [String] = []
    struct Stop: Error {}
    let spec = """
        - workload: embed
          corpora: [words]
          adapters: [{adapter: perl, model: bytes}, {adapter: other, model: bytes}]
          batch: [1, 2, 3, 4]
          repetitions: 3
      """
    bench.onPass = { passes.append($0) }
    let whole = try bench.run(spec)
    // Two models are warmed up on the longest texts, then eight cases take a pass in each of four rounds.
    #expect(passes.count == 2 + 8 * 4)
    #expect(passes.prefix(2) == ["perl 1 4 4", "other 1 4 4"])
    let rounds = stride(from: 2, to: 34, by: 8).map { Array(passes[$0..<$0 + 8]) }
    #expect(Set(rounds.map { $0.sorted() }).count == 1, "every case once a round")
    #expect(Set(rounds).count > 1, "in an order of its own")
    #expect(whole.cases.allSatisfy { $0.failure == nil })
  }

  @Test(arguments: [
    ("embedders: [bytes]", "corpora"),
    ("corpora: [words]", "says neither 'embedders'"),
    ("corpora: [words], adapters: [openvino]", "must be a mapping such as {adapter: openvino, model: minilm}"),
    ("corpora: [words], adapters: [{adapter: openvino}]", "says no 'model'"),
    ("corpora: [words], adapters: [{model: bytes}]", "says no 'adapter'"),
    ("corpora: [words], embedders: [bytes], batch: 0", "batch"),
    ("corpora: [words], embedders: [bytes], txts: 3", "unknown key 'txts'"),
  ])
  func mistakesAreNamed(section: String, naming: String) throws {
    let error = #expect(throws: SpecError.self) { try EmbedBench().plan("  - {workload: embed, \(section)}") }
    #expect(error?.description.contains(naming) == true, "\(error?.description ?? "")")
  }
}
