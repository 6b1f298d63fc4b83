internal import Documents
internal import Experiments
internal import Generation
internal import Instrumentation
internal import RAGPipeline
internal import RunStore
internal import VectorIndexes

/// One pass of a case over its questions.
struct RagPass {
  private let one: RagCase
  private let group: RagGroup
  private let collection: FilledCollection
  private let seed: UInt64
  private let asker: QuestionAsker

  /// What came of it.
  struct Result {
    var pass: AskedPass
    var live: LiveInserts.Report?
  }

  init(
    _ one: RagCase, group: RagGroup, collection: FilledCollection, seed: UInt64, warmup: Int, threads: TaskThreads
  ) {
    self.one = one
    self.group = group
    self.collection = collection
    self.seed = seed
    asker = QuestionAsker(corpus: group.corpus, warmup: warmup, seed: seed, threads: threads)
  }

  /// - Parameter generator: nil for an agent.
  /// - Throws: what keeps the pass from beginning; what becomes of its questions is in the result.
  func run(_ generator: (any LoadedGenerator)?, _ resources: RagResources) throws -> Result {
    let parameters = try SearchParameters(named: one.search.dictionary)
    var options = one.options
    options.sampling.seed = seed
    let live = one.inserts.map { stream in
      LiveInserts(
        group.live[stream.documents] ?? [], rate: stream.rate, into: collection, parameters: parameters)
    }
    guard let generator else {
      let agent = try resources.agent(one.generator, collection.name, options)
      // What it leaves on its server is of no use to anyone.
      defer { try? (agent as? LlamaStackAgent)?.close() }
      live?.start()
      return Result(pass: asker.ask(agent, one.load), live: live?.stop())
    }
    let pipeline = try RAGPipeline(
      retriever: try collection.retriever(parameters), generator: try generator.fresh(), options: options,
      limits: generator.limits, retrievals: one.load.atOnce + Self.retrievals, now: { RagRun.now() })
    live?.start()
    let pass = one.overlaps ? asker.ask(pipeline, one.load) : asker.askInWaves(pipeline, one.load)
    return Result(pass: pass, live: live?.stop())
  }

  /// Questions that may be retrieved for at once, beside those of users: none waits for another's search.
  private static let retrievals = 16

  /// The same load on nothing: what pipeline and harness take of a question's time themselves, as series of pass 0.
  static func harnessCost(
    _ one: RagCase, corpus: AskedCorpus, seed: UInt64, threads: TaskThreads
  ) throws -> [String: Samples] {
    var options = RAGOptions()
    options.limit = one.options.limit
    options.order = one.options.order
    options.sampling.n = one.options.sampling.n
    let pipeline = try RAGPipeline(
      retriever: NullRetriever(now: { RagRun.now() }), generator: NullGenerator(), options: options,
      now: { RagRun.now() })
    var questions = nullQuestions
    if case .open(let process) = one.load.pattern {
      questions = max(1, min(questions, Int(process.rate * nullSeconds)))
    }
    let asker = QuestionAsker(
      corpus: corpus, measured: questions, warmup: one.load.atOnce, seed: seed, threads: threads)
    let pass = one.overlaps ? asker.ask(pipeline, one.load) : asker.askInWaves(pipeline, one.load)
    return [
      "null_e2e": .double(pass.measured.map { MonotonicClock.seconds(from: $0.intended, to: $0.ended) }),
      "null_seconds": .double([pass.seconds]), "null_answered": .uint64([UInt64(pass.answered)]),
    ]
  }

  /// Questions of the null pass, and seconds that it may take at a low rate.
  private static let (nullQuestions, nullSeconds) = (200, 2.0)
}

extension QuestionAsker {
  /// - Parameter measured: questions; nil: as many as the corpus has to measure, beyond which the last are asked again.
  init(corpus: AskedCorpus, measured: Int? = nil, warmup: Int, seed: UInt64, threads: TaskThreads) {
    self.init(
      question: { corpus.questions[corpus.question(at: $0, warmup: warmup)].text }, warmup: warmup,
      measured: measured ?? corpus.measured, seed: seed, threads: threads)
  }
}
