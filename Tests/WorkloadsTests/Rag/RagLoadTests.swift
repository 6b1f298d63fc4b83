import Documents
import Embedders
import Foundation
import Generation
import RAGPipeline
import RunStore
import Synchronization
import Testing
import Workloads

@Suite struct RagLoadTests {
  private static let corpus = Corpus(
    name: "tiny",
    documents: (0..<8).map { Document(id: "d\($0)", text: "w\($0) document \($0) says so", source: "d\($0).txt") },
    questions: (0..<8).map { Question(id: "q\($0)", text: "what of w\($0)", judgements: ["d\($0)": 1]) })

  private func section(_ lines: String) -> String {
    """
    - workload: rag
      corpora: [tiny]
      chunkers: [whole]
      embedders: [words]
      generators: [scripted]
      top_k: 1
      warmup: 0
    \(lines.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
    """
  }

  /// Nobody is answered before the last has asked: who asked first has waited for all the others, and the latencies say so although
  /// each was answered in no time once it was its turn.
  @Test func waitingInAnOpenLoopCountsFromTheMomentOfTheQuestion() throws {
    let (count, rate) = (6, 20.0)
    let gate = Gate(opensAt: count)
    // The exact index is asked by another generator, through which all go.
    let generator = ScriptedGenerator(wait: { fresh in if fresh == 2 { await gate.pass() } })
    let bench = try RagBench(["tiny": Self.corpus], generator: generator)
    let record = try bench.run(section("questions: \(count)\nload: [{rate: \(Int(rate)), arrivals: constant}]"))
    let one = try #require(record.cases.first)
    #expect(one.failure == nil)
    let pass = try bench.pass(1, of: one.id, record)
    for name in ["ttft", "e2e"] {
      let times = try #require(pass[name]).doubles
      #expect(times.count == count)
      for (place, time) in times.enumerated() {
        #expect(time >= Double(count - 1 - place) / rate, "\(name) of question \(place)")
      }
    }
    let rateReached = try #require(one.metrics["questions_per_second"]?.value)
    #expect(rateReached <= Double(count) / (Double(count - 1) / rate))
  }

  /// The users of a closed loop never ask more than there are of them, however long the answers take.
  @Test func noMoreQuestionsAreUnderWayThanThereAreUsers() throws {
    let generator = ScriptedGenerator()
    let bench = try RagBench(["tiny": Self.corpus], generator: generator)
    let record = try bench.run(section("load: [{users: 2}]\nexact: flat\nindexes: [flat]\nrepetitions: 3"))
    #expect(record.cases.first?.failure == nil)
    #expect(generator.mostUnderWay(fromFresh: 2) <= 2, "the first generator answers for the exact index")
  }

  /// The chunks are embedded once for all indexes, and each question once a pass, once for warming each index up, and twice for the
  /// exact index: for its chunks and for its answers.
  @Test func documentsAreEmbeddedOnce() throws {
    let embedder = CountingEmbedder()
    let bench = try RagBench(["tiny": Self.corpus])
    bench.embedder = embedder
    let record = try bench.run(section("indexes: [flat, hnsw, \"ivf:nlist=2\"]\nload: [{users: [1, 2]}]"))
    #expect(record.cases.count == 6)
    #expect(record.cases.allSatisfy { $0.failure == nil })
    let texts = embedder.texts
    #expect(texts[.document] == 8)
    #expect(texts[.query] ?? 0 >= 6 * 8 + 3 * 8 + 2 * 8)
  }

  @Test func theNullLoadTellsWhatPipelineAndHarnessTake() throws {
    let bench = try RagBench(["tiny": Self.corpus])
    let record = try bench.run(section("load: [{users: [1, 4]}, {rate: 500}]"))
    for one in record.cases {
      let alone = try #require(one.metrics["null_e2e_p50"]?.value, "\(one.id)")
      #expect(alone > 0)
      #expect(one.metrics["null_e2e_p50"]?.n == 200, "\(one.id)")
      #expect(try #require(one.metrics["null_questions_per_second"]?.value) > 0)
    }
    #expect(bench.generator.prompts.allSatisfy { !$0.contains("Passage 0") }, "the null load does not come here")
  }

  @Test func whatAServerMayRememberIsSaid() throws {
    let bench = try RagBench(["tiny": Self.corpus], generator: ScriptedGenerator(forgetsPrompts: false))
    let record = try bench.run(section("load: [{users: 1}]"))
    #expect(record.run.warnings.contains { $0.contains("may keep prompts of earlier passes in a prefix cache") })
  }
}

/// Lets nobody through before all have come.
private actor Gate {
  private var missing: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(opensAt count: Int) { missing = count }

  func pass() async {
    missing -= 1
    guard missing > 0 else {
      for one in waiting { one.resume() }
      waiting = []
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }
}

/// Counts the texts that it embeds.
final class CountingEmbedder: Embedder {
  private let words = WordEmbedder()
  private let counts = Mutex<[EmbeddingRole: Int]>([:])

  var texts: [EmbeddingRole: Int] { counts.withLock { $0 } }
  var name: String { words.name }
  var dimension: Int { words.dimension }
  var maximumTokens: Int? { words.maximumTokens }
  var isNormalized: Bool { words.isNormalized }

  func embed(_ texts: [String], as role: EmbeddingRole) throws -> EmbeddingBatch {
    counts.withLock { $0[role, default: 0] += texts.count }
    return try words.embed(texts, as: role)
  }
}
