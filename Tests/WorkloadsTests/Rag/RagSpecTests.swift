import Documents
import Experiments
import Testing
import Workloads

@Suite struct RagSpecTests {
  private static let corpus = Corpus(
    name: "tiny", documents: [Document(id: "a", text: "w1 here", source: "a")],
    questions: [Question(id: "q", text: "w1", judgements: ["a": 1])])

  private func plan(_ lines: String, leavingOut: Set<String> = []) throws -> ExperimentPlan {
    var usual = [
      "corpora": "[tiny]", "chunkers": "[whole]", "embedders": "[words]", "generators": "[scripted]",
    ]
    for key in leavingOut { usual[key] = nil }
    let given = lines.split(separator: "\n").map { "  \($0)" }
    let all = usual.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" } + given
    return try RagBench(["tiny": Self.corpus]).plan("- workload: rag\n\(all.joined(separator: "\n"))")
  }

  private func mistakes(_ lines: String, leavingOut: Set<String> = []) -> String {
    do {
      _ = try plan(lines, leavingOut: leavingOut)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func everyCombinationIsACaseOfItsOwn() throws {
    let plan = try plan(
      """
      indexes: [flat, "hnsw:m=8,ef=4|16"]
      stores: [embedded, {store: milvus, as: far}]
      templates: [context-tags, grounded-short]
      top_k: [1, 2]
      order: [best-last, best-first]
      n: [1, 3]
      temperature: 0.5
      budget: 100
      load: [{users: [1, 4]}, {rate: 2}]
      overlap: [true, false]
      inserts: {rate: [0, 5], documents: tiny}
      """)
    #expect(plan.cases.count == 3 * 2 * 2 * 2 * 2 * 2 * 3 * 2 * 2)
    #expect(Set(plan.cases.map(\.id)).count == plan.cases.count)
    let last = try #require(plan.cases.last)
    #expect(
      last.id
        == "rag/tiny/whole/words/store=far/hnsw/m=8/ef=16/scripted/grounded-short/top_k=2,order=best-first,n=3/rate=2,overlap=false,inserts=5"
    )
    for (name, value) in [
      "corpus": "tiny", "store": "far", "index": "hnsw", "m": "8", "ef": "16", "generator": "ragmeter",
      "model": "scripted", "template": "grounded-short", "order": "best-first", "top_k": "2", "n": "3", "rate": "2",
      "arrivals": "poisson", "stages": "in waves", "inserts": "5", "budget": "100", "questions": "1",
    ] { #expect(last.labels[name] == value, "\(name)") }
  }

  @Test func generatorsAreModelsHereServersOrAgents() throws {
    let plan = try plan(
      """
      generators:
        - {model: scripted, kv_policy: [static, paged], kv_memory: 32MiB, threads: 1}
        - {url: "http://127.0.0.1:9/v1", preset: vllm, model: org/some-model}
      """, leavingOut: ["generators"])
    #expect(
      plan.cases.map(\.id) == [
        "rag/tiny/whole/words/flat/scripted/kv_policy=static,kv_memory=32MiB,threads=1/top_k=5,n=1/users=1",
        "rag/tiny/whole/words/flat/scripted/kv_policy=paged,kv_memory=32MiB,threads=1/top_k=5,n=1/users=1",
        "rag/tiny/whole/words/flat/vllm/some-model/top_k=5,n=1/users=1",
      ])
    #expect(plan.cases.last?.labels["generator"] == "vllm")
  }

  @Test(arguments: [
    ("load: [{users: 0}]", "must hold integers from 1"),
    ("load: [{users: 1, rate: 2}]", "is users and rate at once"),
    ("load: [{think: 2}]", "is one of users or rate"),
    ("overlap: [perhaps]", "must be true or false"),
    ("templates: [context-tag]", "no template is called 'context-tag'"),
    ("templates: [./absent.yml]", "absent.yml"),
    ("order: [worst-first]", "must hold some of best-first, best-last"),
    ("top_k: 0", "must hold integers from 1 to 1000"),
    ("inserts: {rate: 5}", "'documents' is the one corpus that is inserted"),
    ("inserts: {documents: tiny}", "says no 'rate'"),
    ("prices: {hour: 3}", "unknown key 'hour'"),
    ("prices: {}", "states no price"),
    ("exact: [flat, hnsw]", "must be a word"),
    ("exact: \"hnsw:ef=1|2\"", "is one index of the stack"),
    ("distractors: [{documents: 3}]", "says no 'name' of a corpus"),
    ("overlap: false\ntemplates: agent-search", "cannot be kept apart"),
    ("n: [1, 3]", "3 answers at temperature 0 would all be the same"),
    ("questionss: 3", "unknown key 'questionss'"),
  ])
  func mistakesAreSaid(_ lines: String, _ sentence: String) {
    #expect(mistakes(lines).contains(sentence), "\(lines): \(mistakes(lines))")
  }

  @Test(arguments: [
    ("generators: [{kv_memory: 3MiB}]", "says neither a 'model'"),
    ("generators: [{model: m, kv_policy: pagd}]", "unknown kv_policy 'pagd'"),
    ("generators: [{model: m, kv_memory: plenty}]", "is no size of memory"),
    ("generators: [{model: m, thread: 2}]", "the engine has no parameter 'thread'"),
    ("generators: [{model: m, threads: 0}]", "threads is an integer from 1"),
    ("generators: [{preset: vlm}]", "no server is called 'vlm'"),
    ("generators: [{url: http://127.0.0.1:1, max_model_len: 100}]", "needs a 'tokenizer'"),
    ("generators: [{agent: lama-stack}]", "no system is called 'lama-stack'"),
    ("generators: [{agent: llama-stack}]", "its 'stores' are [llama-stack]"),
    ("n: 2", "says no 'generators'"),
  ])
  func mistakesOfGeneratorsAreSaid(_ lines: String, _ sentence: String) {
    let said = mistakes(lines, leavingOut: ["generators"])
    #expect(said.contains(sentence), "\(lines): \(said)")
  }

  @Test func aCorpusThatNothingIsAskedOfIsRefused() throws {
    var corpus = Self.corpus
    corpus.questions = []
    let bench = try RagBench(["tiny": corpus])
    #expect(throws: ExperimentError.self) {
      _ = try bench.plan(
        "- {workload: rag, corpora: [tiny], chunkers: [whole], embedders: [words], generators: [scripted]}")
    }
  }
}
