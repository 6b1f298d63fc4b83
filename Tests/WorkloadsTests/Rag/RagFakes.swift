import Documents
import Embedders
import Experiments
import Foundation
import Generation
import Instrumentation
import ModelFiles
import RAGPipeline
import RunStore
import Synchronization
import VectorStores
import Workloads
import YAML

/// Answers with the first passage of the prompt, a word a token; refuses questions that hold the word "refuse".
final class ScriptedGenerator: LoadedGenerator, TextGenerator {
  let model = "scripted"
  let forgetsPrompts: Bool
  let limits: PromptLimits?
  /// Called for every question with the number of the generator, which is 1 before `fresh` was called a second time.
  private let wait: @Sendable (_ fresh: Int) async -> Void
  private let state = Mutex(State())

  private struct State {
    var fresh = 0
    var prompts: [String] = []
    var underWay = 0
    /// By the number of the generator.
    var most: [Int: Int] = [:]
  }

  init(forgetsPrompts: Bool = true, wait: @escaping @Sendable (_ fresh: Int) async -> Void = { _ in }) {
    self.forgetsPrompts = forgetsPrompts
    self.wait = wait
    limits = PromptLimits(contextLength: 1000) { $0.reduce(0) { $0 + $1.content.split(separator: " ").count } }
  }

  var freshCount: Int { state.withLock { $0.fresh } }
  /// What the generator was told, in the order of the calls.
  var prompts: [String] { state.withLock { $0.prompts } }

  /// Questions under way at once since so many calls of `fresh`.
  func mostUnderWay(fromFresh number: Int = 1) -> Int {
    state.withLock { $0.most.filter { $0.key >= number }.values.max() ?? 0 }
  }

  func fresh() -> any TextGenerator {
    state.withLock { $0.fresh += 1 }
    return self
  }

  func close() {}

  func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GenerationEvent, any Error> {
    guard case .messages(let messages) = request.prompt else { throw GenerationError("messages are wanted") }
    let prompt = messages.map(\.content).joined(separator: "\n")
    let fresh = state.withLock { state in
      state.prompts.append(prompt)
      state.underWay += 1
      state.most[state.fresh] = max(state.most[state.fresh] ?? 0, state.underWay)
      return state.fresh
    }
    defer { state.withLock { $0.underWay -= 1 } }
    if prompt.contains("refuse") { throw GenerationError("the scripted generator refuses") }
    // Others come in meanwhile, if they may.
    for _ in 0..<50 { await Task.yield() }
    await wait(fresh)
    let words = (prompt.split(separator: "\n").first { $0.contains("says") } ?? "nothing").split(separator: " ")
    let (stream, continuation) = AsyncThrowingStream.makeStream(of: GenerationEvent.self, throwing: (any Error).self)
    for choice in 0..<request.sampling.n {
      // Every further output says less.
      for word in words.dropLast(choice) {
        continuation.yield(.tokens(choice: choice, ids: [1], text: "\(word) ", logprobs: []))
      }
      continuation.yield(.finished(choice: choice, reason: .stop))
    }
    continuation.yield(
      .usage(promptTokens: 40, completionTokens: words.count * request.sampling.n, cachedTokens: 10))
    continuation.finish()
    return stream
  }
}

/// Rag experiments on a small corpus, in embedded stores, with scripted generators.
final class RagBench {
  let folder: TemporaryFolder
  var corpora: [String: Corpus]
  let generator: ScriptedGenerator
  /// What opens stores, where tests have something to say about it.
  var store: ((VectorStoreChoice) throws -> OpenedStore)?
  var embedder: any Embedder = WordEmbedder()
  private(set) var generatorsOpened = 0

  init(_ corpora: [String: Corpus], generator: ScriptedGenerator = ScriptedGenerator()) throws {
    folder = try TemporaryFolder()
    self.corpora = corpora
    self.generator = generator
  }

  private var resources: WorkloadResources {
    WorkloadResources(
      dataset: { throw EngineError("no dataset \($0.source) here") },
      texts: { _ in nil },
      engine: { throw EngineError("no index \($0.engine) here") },
      store: { [unowned self] choice in
        if let store { return try store(choice) }
        return try OpenedStore(choice, environment: [:], below: folder.path)
      },
      truth: { _, _, _ in throw EngineError("no truth here") },
      corpus: { [unowned self] choice in
        guard var corpus = corpora[choice.source] else { throw EngineError("no corpus \(choice.source) here") }
        if let limit = choice.questions { corpus.questions = Array(corpus.questions.prefix(limit)) }
        return corpus
      },
      chunker: { try ChunkerFactory.make($0) { throw EngineError("no tokenizer \($0) here") } },
      embedder: { [unowned self] _, _ in embedder },
      embeddingEngine: { throw EngineError("no embedding engine \($0.engine) here") },
      generation: .none, serving: .none,
      rag: RagResources(
        generator: { [unowned self] choice in
          generatorsOpened += 1
          guard case .model("scripted", _) = choice.source else { throw EngineError("no model of \(choice.name) here") }
          return generator
        },
        agent: { choice, _, _ in throw EngineError("no agent \(choice.name) here") }),
      cores: 2)
  }

  func plan(_ sections: String) throws -> ExperimentPlan {
    try ExperimentPlan(
      ExperimentSpec(YAMLNode.parse("experiments:\n\(sections)", file: "test.yml")),
      workloads: [RagSection.workload(resources)])
  }

  func run(_ sections: String, resume: Bool = false, runs path: String? = nil) throws -> RunRecord {
    let runner = ExperimentRunner(
      store: try RunStore(path: path ?? runs),
      progress: RunProgress(seconds: { 0 }, isTerminal: false, write: { _ in }),
      machine: MachineFingerprint(cpu: "test", cores: 1, memory: 1 << 30, build: "release"), git: nil,
      now: { Date(timeIntervalSince1970: 1_700_000_000) })
    return try runner.run(try plan(sections), resume: resume, available: nil)
  }

  var runs: String { folder.path + "/runs.sqlite" }

  /// The samples of a case's pass.
  func pass(_ number: Int, of id: String, _ record: RunRecord) throws -> [String: Samples] {
    let passes = try RunStore(path: runs).passes(of: id, in: record.run.id)
    return passes.first { $0.number == number }?.samples ?? [:]
  }
}

extension RagResources {
  static var none: RagResources {
    RagResources(
      generator: { throw EngineError("no generator \($0.name) here") },
      agent: { choice, _, _ in throw EngineError("no agent \(choice.name) here") })
  }
}

extension Samples {
  var doubles: [Double] {
    switch self {
    case .double(let values): values
    case .uint64(let values): values.map { Double($0) }
    case .int64(let values): values.map { Double($0) }
    case .float(let values): values.map { Double($0) }
    }
  }
}
