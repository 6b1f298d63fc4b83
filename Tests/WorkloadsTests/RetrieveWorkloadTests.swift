import Documents
import Experiments
import Foundation
import RunStore
import Testing
import Workloads

@Suite struct RetrieveWorkloadTests {
  /// log₂ 3, which divides the gain at rank 2.
  private static let second = 1.584962500721156

  /// Four documents of one paragraph a subject; "d" has thirty paragraphs about w3.
  private static let corpus = Corpus(
    name: "tiny",
    documents: [
      Document(id: "a", title: "w9", text: "w0 w1\n\nw4 w4 here", source: "a"),
      Document(id: "b", text: "w1 w1\n\nw5", source: "b"),
      Document(id: "c", text: "w2 w0 w3", source: "c"),
      Document(id: "d", text: (0..<30).map { _ in "w3 w3" }.joined(separator: "\n\n"), source: "d"),
    ],
    questions: [
      Question(
        id: "q4", text: "what is w4", judgements: ["a": 1],
        evidence: [Evidence(document: "a", range: 7..<12)]),
      Question(id: "q1", text: "w1", judgements: ["a": 2, "b": 1]),
      Question(
        id: "q3", text: "w3", judgements: ["c": 1],
        evidence: [Evidence(document: "c", range: 0..<8)]),
      Question(id: "nobody knows", text: "w0", judgements: ["a": 0]),
    ])

  private func bench() throws -> Bench {
    var bench = try Bench()
    bench.corpora = ["tiny": Self.corpus]
    return bench
  }

  private let section = """
    - workload: retrieve
      corpora: [tiny]
      chunkers: ['separator:separator="\\n\\n"', whole]
      embedders: [words]
      indexes: [flat]
      k: [1, 2]
      repetitions: 2
    """

  @Test func documentsRankByTheirBestChunk() throws {
    let record = try bench().run(section)
    let chunked = try #require(record.cases.first { $0.labels["chunker"] == "separator" })
    #expect(chunked.failure == nil)
    #expect(chunked.id == "retrieve/tiny/separator/separator=\\n\\n/words/flat")
    // q4 finds a first; q1 finds b (grade 1) before a (grade 2); q3 finds d before c.
    let gain = (1 + 2 / Self.second) / (2 + 1 / Self.second)
    let expected: [String: Double] = [
      "recall@1": (1 + 0.5 + 0) / 3, "recall@2": 1, "precision@1": 2.0 / 3, "precision@2": (0.5 + 1 + 0.5) / 3,
      "success@1": 2.0 / 3, "mrr@2": (1 + 1 + 0.5) / 3, "ndcg@2": (1 + gain + 1 / Self.second) / 3,
      "map": (1 + 1 + 0.5) / 3, "evidence_recall@1": 0.5, "evidence_recall@2": 0.5,
    ]
    for (name, value) in expected {
      let metric = try #require(chunked.metrics[name], "\(name)")
      #expect(abs(try #require(metric.value) - value) < 1e-12, "\(name)")
      #expect(metric.kind == .quality)
      #expect(metric.n == (name.hasPrefix("evidence") ? 2 : 3), "the question without a relevant document is left out")
      #expect(metric.ci95?.count == 2)
    }
    #expect(chunked.metrics["chunks"]?.value == 35)
    #expect(chunked.labels["n"] == "35")
    #expect(chunked.labels["queries"] == "3")
    #expect(chunked.metrics["latency_p50"]?.n == 6)
    for name in ["chunk_seconds", "embed_seconds", "insert_seconds", "qps", "tokens_per_second", "index_bytes"] {
      #expect(try #require(chunked.metrics[name]?.value, "\(name)") > 0)
    }
    #expect(record.run.warnings.contains { $0.contains("1 questions have no relevant document") })
  }

  /// w3 stands in thirty chunks of one document: the second document is beyond the first four, eight and sixteen chunks.
  @Test func searchGoesDeeperUntilThereAreEnoughDocuments() throws {
    let record = try bench().run(section)
    let chunked = try #require(record.cases.first { $0.labels["chunker"] == "separator" })
    #expect(chunked.metrics["chunks_fetched"]?.value == (4 + 4 + 32) / 3.0)
    #expect(chunked.metrics["searches_per_question"]?.value == (1 + 1 + 4) / 3.0)
    let whole = try #require(record.cases.first { $0.labels["chunker"] == "whole" })
    #expect(whole.metrics["chunks_fetched"]?.value == 2, "a chunk is a document")
    #expect(whole.metrics["searches_per_question"]?.value == 1)
  }

  @Test func worstQuestionsAreKeptInWords() throws {
    let record = try bench().run(section)
    let chunked = try #require(record.cases.first { $0.labels["chunker"] == "separator" })
    let worst = try #require(chunked.worst)
    #expect(worst.map(\.id) == ["q3", "q1"], "q4 is answered perfectly")
    #expect(worst[0].text == "w3")
    #expect(worst[0].relevant == ["c"])
    #expect(worst[0].found == "d")
    #expect(abs(worst[0].score - 1 / Self.second) < 1e-12)
  }

  @Test func whatTheEmbedderCutsOffIsCountedAndSaid() throws {
    let record = try bench().run(section)
    let whole = try #require(record.cases.first { $0.labels["chunker"] == "whole" })
    #expect(whole.metrics["truncated_chunks"]?.value == 1)
    #expect(whole.metrics["truncated_tokens"]?.value == 52)
    #expect(
      record.run.warnings.contains(
        "words reads only the beginning of 1 of 4 chunks of tiny/whole: 52 of 71 tokens are beyond its limit"))
  }

  @Test func aContextStandsBeforeTheChunk() throws {
    var bench = try bench()
    bench.corpora["tiny"]?.questions = [Question(id: "title", text: "w9", judgements: ["a": 1])]
    let record = try bench.run(
      "- {workload: retrieve, corpora: [tiny], chunkers: [whole], embedders: [words], indexes: [flat], k: 1, "
        + "repetitions: 1, context: [none, title]}")
    #expect(
      record.cases.map(\.id) == ["retrieve/tiny/whole/words/flat", "retrieve/tiny/whole/context=title/words/flat"])
    #expect(record.cases.last?.metrics["success@1"]?.value == 1)
    #expect(record.cases.last?.labels["context"] == "title")
  }

  /// The chunkers share one embedding of the questions, the indexes one of the chunks.
  @Test func aStageThatFailsTakesOnlyItsOwnCases() throws {
    let record = try bench().run(
      """
      - workload: retrieve
        corpora: [tiny]
        chunkers: [whole]
        embedders: [words, refuses, short, notFinite]
        indexes: [flat, {adapter: build}, {adapter: unknownIDs}, "hnsw:m=8,ef=1"]
        k: 2
        repetitions: 1
      """)
    let failures = Dictionary(uniqueKeysWithValues: record.cases.map { ($0.id, $0.failure) })
    #expect(failures.count == 16)
    #expect(failures["retrieve/tiny/whole/words/flat"] == .some(nil))
    #expect(failures["retrieve/tiny/whole/words/hnsw/m=8/ef=1"] == .some(nil), "a beam of 1 is widened to k")
    #expect(failures["retrieve/tiny/whole/words/build"] == "the fake engine cannot be built")
    #expect(failures["retrieve/tiny/whole/words/unknownIDs"]??.contains("there are 4") == true)
    #expect(failures["retrieve/tiny/whole/refuses/flat"] == "the words are not to be counted")
    #expect(failures["retrieve/tiny/whole/short/flat"]??.contains("answered 0 values for 1 texts") == true)
    #expect(failures["retrieve/tiny/whole/notFinite/flat"]??.contains("not finite") == true)
  }

  @Test(arguments: [
    ("corpora: [tiny], chunkers: ['separator:separator=\"w\"'], k: [3, 9], depth: 5", "cannot be cut at k = 9"),
    ("corpora: [tiny], chunkers: ['recursive:size=10,overlap=10']", "less than the size"),
    ("corpora: [tiny], chunkers: [whol]", "whole"),
    ("corpora: [tiny], chunkers: [whole], context: hedings", "headings"),
    ("corpora: [tiny], chunkers: [whole, whole]", "a second time"),
    ("corpora: [tiny], chunkers: [whole], embed: {thread: 2}", "unknown key 'thread'"),
  ])
  func mistakesAreSaidBeforeAnythingRuns(keys: String, reason: String) throws {
    let bench = try bench()
    #expect {
      try bench.plan("- {workload: retrieve, embedders: [words], indexes: [flat], \(keys)}")
    } throws: { error in
      "\(error)".contains(reason)
    }
  }

  @Test func aCorpusThatCannotBeScoredIsRefused() throws {
    var bench = try bench()
    let section = "- {workload: retrieve, corpora: [tiny], chunkers: [whole], embedders: [words], indexes: [flat]}"
    bench.corpora["tiny"]?.questions = []
    #expect { try bench.plan(section) } throws: { "\($0)".contains("has no questions") }
    bench.corpora["tiny"]?.questions = [Question(id: "q", text: "?", judgements: ["a": 0])]
    #expect { try bench.plan(section) } throws: { "\($0)".contains("no question of corpus tiny has a relevant") }
    bench.corpora["tiny"] = Corpus(
      name: "blank", documents: [Document(id: "a", text: " \n", source: "a")],
      questions: [Question(id: "q", text: "?", judgements: ["a": 1])])
    #expect { try bench.plan(section) } throws: { "\($0)".contains("whole leaves no chunk of corpus blank") }
    bench.corpora["tiny"] = Corpus(name: "none", documents: [])
    #expect { try bench.plan(section) } throws: { "\($0)".contains("holds no document") }
  }

  @Test(arguments: 0..<6) func aKilledRunResumesToTheSameCases(seed: Int) throws {
    let section = """
      - workload: retrieve
        corpora: [tiny]
        chunkers: ['recursive:size=12,overlap=0', whole]
        embedders: [words]
        indexes: [{adapter: none, search: {ef: [10, 20]}}, {adapter: search, search: {ef: [10, 20]}}, flat]
        k: 2
        repetitions: 3
      """
    var random = SeededRandom(seed: UInt64(seed))
    var searchesLeft = Int.random(in: 0..<24, using: &random)
    var bench = try bench()
    let copy = bench.folder.path + "/copy.sqlite"
    let original = bench.storePath
    bench.onSearch = {
      searchesLeft -= 1
      guard searchesLeft == -1 else { return }
      for suffix in ["", "-wal"] {
        try? FileManager.default.copyItem(atPath: original + suffix, toPath: copy + suffix)
      }
    }
    let whole = try bench.run(section)
    try #require(FileManager.default.fileExists(atPath: copy), "seed \(seed)")
    bench.onSearch = {}
    let resumed = try bench.run(section, resume: true, storePath: copy)
    #expect(resumed.run.id == whole.run.id, "seed \(seed)")
    func outcome(_ record: RunRecord) -> [String] {
      record.cases.map { one in
        let scores = one.metrics.filter { $0.value.kind == .quality }.map { "\($0.key) \($0.value)" }.sorted()
        return "\(one.id) \(one.failure ?? "") \(one.metrics.keys.sorted()) \(scores) \(one.worst ?? [])"
      }.sorted()
    }
    #expect(outcome(resumed) == outcome(whole), "seed \(seed)")
    #expect(Set(resumed.run.warnings) == Set(whole.run.warnings), "seed \(seed)")
  }
}
