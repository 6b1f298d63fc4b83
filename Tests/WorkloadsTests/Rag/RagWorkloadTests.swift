import Documents
import Foundation
import RunStore
import Synchronization
import Testing
import VectorIndexes
import VectorStores
import Workloads

@Suite struct RagWorkloadTests {
  /// Twelve documents of a sentence each; two say of w3, and every question is about one word.
  private static let corpus = Corpus(
    name: "tiny",
    documents: (0..<12).map { number in
      Document(id: "d\(number)", text: "w\(number) w\(number) document \(number) says so", source: "d\(number).txt")
    },
    questions: (0..<12).map { number in
      Question(
        id: "q\(number)", text: "what of w\(number)", answers: ["document \(number) says so"],
        judgements: ["d\(number)": 1],
        evidence: [Evidence(document: "d\(number)", range: 0..<2)])
    })

  private func section(_ more: String = "") -> String {
    """
    - workload: rag
      corpora: [tiny]
      chunkers: [whole]
      embedders: [words]
      indexes: [flat]
      generators: [scripted]
      top_k: 2
      questions: 8
      max_tokens: 16
    \(more.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
    """
  }

  private func value(_ name: String, _ record: CaseRecord?) throws -> Double {
    let metric = try #require(record?.metrics[name], "\(name)")
    return try #require(metric.value, "\(name): \(metric.reason ?? "")")
  }

  @Test func measuresFromTheQuestionToTheLastToken() throws {
    let bench = try RagBench(["tiny": Self.corpus])
    let record = try bench.run(section("load: [{users: 2}]\nprices: {machine_hour: 3.6, input: 1000, output: 500}"))
    let one = try #require(record.cases.first)
    #expect(one.failure == nil)
    #expect(one.id == "rag/tiny/whole/words/flat/scripted/top_k=2,n=1/users=2")
    #expect(one.labels["store"] == "embedded")
    #expect(one.labels["model"] == "scripted")
    #expect(one.labels["template"] == "context-tags")
    for name in ["embed", "search", "arrange", "prompt", "first_token", "decode"] {
      #expect(try value("stage_\(name)_p50", one) >= 0)
      #expect(try value("stage_\(name)_start_p50", one) >= 0)
    }
    #expect(one.metrics["stage_plan_p50"] == nil, "nobody plans")
    let starts = try ["embed", "search", "arrange", "prompt", "first_token", "decode"].map {
      try value("stage_\($0)_start_p50", one)
    }
    #expect(starts == starts.sorted(), "a waterfall goes down")
    #expect(try value("ttft_p50", one) <= value("e2e_p50", one))
    #expect(try value("questions_per_second", one) > 0)
    #expect(try value("failed", one) == 0)
    #expect(try value("prompt_tokens", one) == 40)
    #expect(try value("prefix_hit_share", one) == 0.25)
    #expect(try value("passages", one) == 2)
    #expect(try value("recall@2", one) == 1)
    #expect(try value("success@1", one) == 1)
    #expect(try value("evidence_recall@2", one) == 1)
    #expect(try value("chunk_recall@2", one) == 1)
    #expect(try value("answers_changed", one) == 0)
    #expect(try value("null_e2e_p50", one) > 0)
    #expect(one.metrics["ttft_p99"]?.value == nil, "eight questions have no 99th percentile")
    let rate = try value("questions_per_second", one)
    let tokens = try value("output_tokens", one)
    let cost = try value("cost_per_1000_questions", one)
    #expect(abs(cost - (1 / rate + 40 + tokens * 0.5)) < 1e-9 * cost)
  }

  /// The best passage stands last, so that the answer is of the second best, and the score of the answers says so.
  @Test func scoresWhatIsAnsweredAndTheBestOfSeveral() throws {
    let bench = try RagBench(["tiny": Self.corpus])
    let record = try bench.run(section("order: [best-first, best-last]\nn: 3\ntemperature: 0.5"))
    let first = try #require(record.cases.first { $0.labels["order"] == "best-first" })
    let last = try #require(record.cases.first { $0.labels["order"] == "best-last" })
    // "w1 w1 document 1 says so" against "document 1 says so": F1 of 4 of 6 and 4 of 4.
    #expect(abs(try value("answer_f1_best", first) - 0.8) < 1e-9)
    #expect(try value("answer_f1", first) < value("answer_f1_best", first), "later outputs leave words out")
    #expect(try value("answer_f1_best", last) < value("answer_f1_best", first))
    #expect(try value("context_overlap", first) == 1)
    #expect(try value("exact_match", first) == 0)
    #expect(first.id.contains("top_k=2,order=best-first,n=3"))
  }

  @Test func everyCaseAsksTheSameQuestionsInTheSameOrderAndWarmsUpWithOthers() throws {
    let bench = try RagBench(["tiny": Self.corpus])
    let record = try bench.run(
      section("load: [{users: [1, 3]}, {rate: 200, arrivals: constant}]\nrepetitions: 2\nwarmup: 1"))
    #expect(record.cases.count == 3)
    var asked: [[Double]] = []
    for one in record.cases {
      for number in 1...2 {
        let pass = try bench.pass(number, of: one.id, record)
        asked.append(try #require(pass["question"]).doubles)
        #expect(pass["e2e"]?.count == 8)
      }
    }
    #expect(Set(asked[0]).count == 8, "no question is measured twice")
    #expect(asked.allSatisfy { $0 == asked[0] })
    #expect(asked[0] != asked[0].sorted(), "the order is the seed's")
    // A prompt that was read before the measured one would be found in a prefix cache: the reference is read by another engine.
    #expect(bench.generator.freshCount == 7, "one for each pass and one for the reference")
  }

  @Test func aQuestionThatFailsIsCountedAndTheOthersGoOn() throws {
    var corpus = Self.corpus
    for number in [2, 5] { corpus.questions[number].text += ", refuse" }
    let bench = try RagBench(["tiny": corpus])
    let record = try bench.run(section("questions: 12\nload: [{users: 2}]").replacing("  questions: 8\n", with: ""))
    let one = try #require(record.cases.first)
    #expect(one.failure == nil)
    #expect(try value("failed", one) == 2)
    #expect(one.metrics["e2e_p50"]?.n == 10)
    #expect(
      record.run.warnings.contains {
        $0.contains("2 of 12 questions failed, the first with: the scripted generator refuses")
      })
    let pass = try bench.pass(1, of: one.id, record)
    let failed = try #require(pass["failed"]).doubles
    let times = try #require(pass["e2e"]).doubles
    #expect(zip(failed, times).allSatisfy { ($0 == 1) == $1.isNaN }, "\(failed) \(times)")
  }

  @Test func aCaseWithoutAnyAnswerFailsWithASentence() throws {
    var corpus = Self.corpus
    for number in corpus.questions.indices { corpus.questions[number].text += ", refuse" }
    let record = try RagBench(["tiny": corpus]).run(section())
    #expect(
      record.cases.first?.failure == "none of 8 questions was answered: the scripted generator refuses")
  }

  @Test func aModelThatIsNotThereFailsItsOwnCases() throws {
    let bench = try RagBench(["tiny": Self.corpus])
    let record = try bench.run(section("n: [1, 2]\ntemperature: 1").replacing("[scripted]", with: "[scripted, absent]"))
    #expect(record.cases.filter { $0.failure == nil }.map { $0.labels["model"] } == ["scripted", "scripted"])
    #expect(record.cases.filter { $0.failure != nil }.map { $0.labels["model"] } == ["absent", "absent"])
    #expect(bench.generatorsOpened == 2, "each is looked for once")
  }

  @Test func wavesKeepRetrievalAndGenerationApart() throws {
    let bench = try RagBench(["tiny": Self.corpus])
    let record = try bench.run(section("load: [{users: 4}]\noverlap: [true, false]\nwarmup: 0"))
    #expect(record.cases.map { $0.labels["stages"] } == ["overlapped", "in waves"])
    let waves = try #require(record.cases.last)
    #expect(waves.failure == nil)
    #expect(waves.id.hasSuffix("users=4,overlap=false"))
    let pass = try bench.pass(1, of: waves.id, record)
    let searched = zip(
      try #require(pass["stage_search_start"]).doubles, try #require(pass["stage_search"]).doubles
    ).map(+)
    let generated = try #require(pass["stage_first_token_start"]).doubles
    // Of one wave all offsets are from the same moment.
    for wave in 0..<2 {
      let members = wave * 4..<wave * 4 + 4
      let last = try #require(searched[members].max())
      #expect(try #require(generated[members].min()) >= last)
    }
  }

  @Test func usersAreUnderWayTogether() throws {
    let bench = try RagBench(["tiny": Self.corpus])
    _ = try bench.run(section("load: [{users: 3}]"))
    #expect(bench.generator.mostUnderWay() > 1)
  }

  /// With one link a node and a beam of one, the graph misses chunks that the exact index finds.
  @Test func whatAnApproximateIndexMissesShowsInChunksAndAnswers() throws {
    var random = SeededRandom(seed: 7)
    let documents = (0..<600).map { number in
      let words = (0..<4).map { _ in "w\(Int.random(in: 0..<16, using: &random))" }.joined(separator: " ")
      return Document(id: "d\(number)", text: "\(words) document \(number) says so", source: "d")
    }
    let questions = (0..<40).map { number in
      Question(
        id: "q\(number)", text: "w\(Int.random(in: 0..<16, using: &random)) w\(Int.random(in: 0..<16, using: &random))",
        judgements: [:])
    }
    let bench = try RagBench(["big": Corpus(name: "big", documents: documents, questions: questions)])
    let record = try bench.run(
      section("order: best-first").replacing("[tiny]", with: "[big]").replacing("questions: 8", with: "questions: 40")
        .replacing("[flat]", with: "[flat, \"hnsw:m=4,ef_construction=4,ef=2|400\"]"))
    let recalls = try record.cases.map { try value("chunk_recall@2", $0) }
    let changed = try record.cases.map { try value("answers_changed", $0) }
    #expect(recalls[0] == 1 && changed[0] == 0, "the exact index is held against itself")
    #expect(recalls[1] < recalls[2], "seed 7")
    #expect(changed[1] > 0)
    for one in record.cases {
      if let same = one.metrics["answers_changed_same_prompt"]?.value { #expect(same == 0, "\(one.id)") }
      #expect(one.metrics["recall@2"] == nil, "nothing is judged")
    }
  }

  @Test func insertsComeWhileQuestionsAreAskedAndAreGoneAfterwards() throws {
    let bench = try RagBench(["tiny": Self.corpus])
    var news = Self.corpus
    news.name = "news"
    bench.corpora["news"] = news
    var opened: (any VectorStore)?
    let left = Mutex<[Int]>([])
    bench.store = { [folder = bench.folder.path] choice in
      let store = try OpenedStore(choice, environment: [:], below: folder)
      opened = store.store
      return OpenedStore(
        WatchedStore(store.store) { collection in
          left.withLock {
            $0.append((try? store.store.collections().first { $0.schema.name == collection }?.rows) ?? -1)
          }
        }, closed: store.close)
    }
    let record = try bench.run(
      section(
        "inserts: {rate: [0, 2000], documents: news}\nload: [{rate: 100, arrivals: constant}]\nrepetitions: 2"))
    _ = opened
    let plain = try #require(record.cases.first)
    let live = try #require(record.cases.last)
    #expect(plain.metrics["freshness_p50"] == nil)
    #expect(live.failure == nil)
    #expect(live.labels["inserts"] == "2000")
    #expect(try value("inserts_per_second", live) > 0)
    #expect(try value("freshness_p50", live) > 0)
    #expect(try value("unseen_inserts", live) == 0, "the embedded store shows at once what it acknowledged")
    #expect(try value("insert_latency_p50", live) > 0)
    #expect(
      left.withLock { $0 } == [12, 12, 12], "rows in the collection after every deletion, and when it is dropped")
  }

  /// The run's store as a SIGKILL in the fourth of six passes would leave it, and resumed from the copy.
  @Test func aRunThatWasKilledGoesOnWithWhatIsMissing() throws {
    let copied = Mutex(false)
    let runs = Mutex((original: "", copy: ""))
    let generator = ScriptedGenerator(wait: { fresh in
      // The first generator answers for the exact index.
      guard fresh == 5,
        copied.withLock({ isCopied in
          defer { isCopied = true }
          return !isCopied
        })
      else { return }
      let (original, copy) = runs.withLock { $0 }
      for suffix in ["", "-wal"] { try? FileManager.default.copyItem(atPath: original + suffix, toPath: copy + suffix) }
    })
    let bench = try RagBench(["tiny": Self.corpus], generator: generator)
    let copy = bench.folder.path + "/copy.sqlite"
    runs.withLock { $0 = (bench.runs, copy) }
    let lines = section("load: [{users: [1, 2]}]\nrepetitions: 3")
    let whole = try bench.run(lines)
    #expect(
      try RunStore(path: copy).storedPasses(whole.run.id).values.map { $0.subtracting([0]).count }.reduce(0, +) == 3)
    let before = generator.freshCount
    let resumed = try bench.run(lines, resume: true, runs: copy)
    #expect(resumed.run.id == whole.run.id)
    #expect(generator.freshCount - before == 4, "three passes, and the exact index again")
    func outcome(_ record: RunRecord) -> [String] {
      record.cases.map { "\($0.id) \($0.failure ?? "") \($0.metrics.keys.sorted())" }.sorted()
    }
    #expect(outcome(resumed) == outcome(whole))
  }
}

/// Tells when rows were deleted or a collection dropped.
private final class WatchedStore: VectorStore {
  private let inner: any VectorStore
  private let onDelete: @Sendable (String) -> Void

  init(_ inner: any VectorStore, onDelete: @escaping @Sendable (String) -> Void) {
    self.inner = inner
    self.onDelete = onDelete
  }

  var name: String { inner.name }

  func delete(_ keys: [PrimaryKey], from collection: String) throws -> Int {
    let deleted = try inner.delete(keys, from: collection)
    onDelete(collection)
    return deleted
  }

  func drop(collection: String) throws {
    onDelete(collection)
    try inner.drop(collection: collection)
  }

  func create(_ collection: CollectionSchema) throws { try inner.create(collection) }
  func collections() throws -> [CollectionDescription] { try inner.collections() }
  func insert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try inner.insert(rows, into: collection)
  }
  func upsert(_ rows: [StoreRow], into collection: String) throws -> WriteResult {
    try inner.upsert(rows, into: collection)
  }
  func delete(matching filter: String, from collection: String) throws -> Int {
    try inner.delete(matching: filter, from: collection)
  }
  func query(_ request: QueryRequest, in collection: String) throws -> [StoreRow] {
    try inner.query(request, in: collection)
  }
  func search(_ request: SearchRequest, in collection: String) throws -> [[SearchHit]] {
    try inner.search(request, in: collection)
  }
  func optimize(collection: String) throws { try inner.optimize(collection: collection) }
  func diskBytes(of collection: String) throws -> Int? { try inner.diskBytes(of: collection) }
  func close() throws { try inner.close() }
}
