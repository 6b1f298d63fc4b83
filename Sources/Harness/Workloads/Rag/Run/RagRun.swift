internal import Datasets
internal import Documents
internal import Embedders
internal import Experiments
internal import Instrumentation
internal import RAGPipeline
internal import RunStore
internal import Statistics
internal import VectorIndexes
internal import VectorStores

/// Measures the cases of one corpus, chunker and embedder: embeds once, fills every store's collections, then lets all cases take
/// turns, so that a machine that drifts favours none.
final class RagRun {
  private let group: RagGroup
  private let section: RagSection
  private let seed: UInt64
  private let recorder: CaseRecorder
  private let generators: GeneratorShelf
  private let threads = TaskThreads(2)
  private let own = OwnCollections.ofThisMachine()
  private var waiting: [Waiting]
  private var stores: [VectorStoreChoice: OpenedStore] = [:]
  private var reference: ExactReference?
  /// Of the reference alone, where no case searches the exact index in the embedded store.
  private var referenceStore: OpenedStore?

  /// A collection with the cases that are neither stored nor failed.
  private struct Waiting {
    var planned: RagGroup.Collection
    var cases: [RagCase]
    var filled: FilledCollection?
  }

  /// What all collections share.
  private struct Material {
    var chunker: any Chunker
    var embedder: RememberingEmbedder
    /// Series of pass 0.
    var samples: [String: Samples]
  }

  /// The clock of pipelines, retrievers and loads.
  @Sendable static func now() -> UInt64 { MonotonicClock.now() }

  init(
    group: RagGroup, section: RagSection, seed: UInt64, recorder: CaseRecorder, generators: GeneratorShelf
  ) {
    self.group = group
    self.section = section
    self.seed = seed
    self.recorder = recorder
    self.generators = generators
    waiting = group.collections.map { collection in
      Waiting(planned: collection, cases: collection.cases.filter { !recorder.isFinished($0.planned.id) })
    }
  }

  /// - Throws: what ends the whole run: the run store.
  func run() throws {
    for sentence in group.corpus.warnings { recorder.warn(sentence) }
    defer { close() }
    // A kill can fall between a case's last pass and its metrics.
    for place in waiting.indices { for one in waiting[place].cases { try finishIfComplete(one, at: place) } }
    guard waiting.contains(where: { !$0.cases.isEmpty }) else { return }
    let fills = waiting.count { !$0.cases.isEmpty }
    recorder.progress.expect(1, "stages")
    recorder.progress.expect(fills, "stores")
    recorder.progress.expect(waiting.flatMap(\.cases).map(passesLeft).reduce(0, +), "passes")
    let material: Material
    do {
      material = try recorder.progress.step("stages", group.id) { try prepare() }
    } catch {
      recorder.progress.skip(fills, "stores")
      for place in waiting.indices { try failAll(at: place, error) }
      return
    }
    for place in waiting.indices where !waiting[place].cases.isEmpty { try fill(at: place, material) }
    try refer(material)
    for repetition in 1...section.repetitions { try takeTurns(repetition) }
  }

  private func passesLeft(_ one: RagCase) -> Int {
    section.repetitions - recorder.storedPasses(of: one.planned.id).subtracting([0]).count
  }

  /// Chunks and embeds all documents once.
  private func prepare() throws -> Material {
    let chunker = try section.resources.chunker(group.chunker.specification)
    let embedder = RememberingEmbedder(
      try section.resources.embedder(group.embedder.specification, section.embedThreads))
    let start = MonotonicClock.now()
    let texts = group.corpus.documents.flatMap { chunker.chunks(of: $0.text).map(\.text) }
    let chunked = MonotonicClock.now()
    var truncated = 0
    if waiting.contains(where: { !$0.planned.store.embedsItself }) {
      for first in stride(from: 0, to: texts.count, by: Self.embedBatch) {
        let slice = Array(texts[first..<min(first + Self.embedBatch, texts.count)])
        truncated += try embedder.embed(slice, as: .document).truncatedTokens.count { $0 > 0 }
      }
    }
    if truncated > 0 {
      recorder.warn(
        "\(group.embedder.name) reads only the beginning of \(truncated) of \(texts.count) chunks of \(group.id)")
    }
    return Material(
      chunker: chunker, embedder: embedder,
      samples: [
        "chunk_seconds": .double([MonotonicClock.seconds(from: start, to: chunked)]),
        "embed_seconds": .double([MonotonicClock.seconds(from: chunked, to: MonotonicClock.now())]),
      ])
  }

  private static let embedBatch = 1024

  /// Fills a collection, and stores what that took as pass 0 of every case that has none; if it cannot, all its cases fail.
  private func fill(at place: Int, _ material: Material) throws {
    let planned = waiting[place].planned
    do {
      try recorder.progress.step("stores", "\(group.id) \(planned.idParts.joined(separator: " "))") {
        let filled = try filled(planned.engine, in: try store(planned.store), material)
        waiting[place].filled = filled
        let samples = filled.samples.merging(material.samples) { $1 }
        for one in waiting[place].cases where !recorder.storedPasses(of: one.planned.id).contains(0) {
          try recorder.store(
            pass: PassRecord(number: 0, samples: samples.merging(try harnessCost(one)) { $1 }), of: one.planned.id)
        }
      }
    } catch let error as RunStoreError {
      throw error
    } catch {
      try failAll(at: place, error)
    }
  }

  private func store(_ choice: VectorStoreChoice) throws -> any VectorStore {
    if let open = stores[choice] { return open.store }
    let opened = try section.resources.store(choice)
    stores[choice] = opened
    let swept = own.sweep(opened.store)
    if swept > 0 { recorder.progress.note("\(choice.name): dropped collections of killed runs: \(swept)") }
    return opened.store
  }

  private func filled(
    _ engine: EngineChoice, in store: any VectorStore, _ material: Material
  ) throws -> FilledCollection {
    let metric: StoreMetric =
      switch group.metric {
      case .l2: .l2
      case .ip: .ip
      case .cosine: .cosine
      }
    let filled = try FilledCollection(
      group.corpus.documents, as: own.name(), in: store, engine: engine, metric: metric, chunker: material.chunker,
      embedder: material.embedder, batch: section.insertBatch)
    // The index and its rows are in memory, and the embedder's weights too, before anything is timed.
    let retriever = try filled.retriever(SearchParameters())
    for question in group.corpus.order.prefix(min(group.corpus.measured, Self.warming)) {
      _ = try retriever.retrieve(group.corpus.questions[question].text, limit: section.prompts.limits.max() ?? 1)
    }
    return filled
  }

  /// Questions that a collection is asked before it is measured.
  private static let warming = 16

  /// Fills a collection of the exact index, if there is none among those that are measured.
  private func refer(_ material: Material) throws {
    guard waiting.contains(where: { !$0.cases.isEmpty && !$0.planned.store.embedsItself }) else { return }
    do {
      let exact: FilledCollection
      if let known = waiting.first(where: { $0.planned.store == .embedded && $0.planned.engine == section.exact })?
        .filled
      {
        exact = known
      } else {
        let opened = try section.resources.store(.embedded)
        referenceStore = opened
        exact = try filled(section.exact, in: opened.store, material)
      }
      reference = try ExactReference(exact, corpus: group.corpus, seed: seed, threads: threads)
    } catch {
      recorder.warn("\(group.id): nothing is held against the exact index, which cannot be had: \(error)")
    }
  }

  private func failAll(at place: Int, _ error: any Error) throws {
    for one in waiting[place].cases {
      recorder.progress.skip(passesLeft(one), "passes")
      try recorder.fail(one.planned, error)
    }
    drop(at: place)
  }

  /// One round over all cases that still need this pass, in an order of its own.
  private func takeTurns(_ pass: Int) throws {
    var generator = SplitMix64(seed: seed &+ UInt64(pass) &* 0x9E37_79B9_7F4A_7C15)
    var turns: [(place: Int, one: RagCase)] = []
    for place in waiting.indices {
      for one in waiting[place].cases where !recorder.storedPasses(of: one.planned.id).contains(pass) {
        turns.append((place, one))
      }
    }
    turns.shuffle(using: &generator)
    for (place, one) in turns where !recorder.isFinished(one.planned.id) {
      let left = passesLeft(one)
      let samples: [String: Samples]
      do {
        samples = try recorder.progress.step("passes", one.planned.id) { try measured(one, at: place) }
      } catch {
        recorder.progress.skip(left, "passes")
        try recorder.fail(one.planned, error)
        drop(one, at: place)
        continue
      }
      try recorder.store(pass: PassRecord(number: pass, samples: samples), of: one.planned.id)
      try finishIfComplete(one, at: place)
    }
  }

  private func measured(_ one: RagCase, at place: Int) throws -> [String: Samples] {
    guard let collection = waiting[place].filled else { throw EngineError("the collection was not filled") }
    let pass = RagPass(
      one, group: group, collection: collection, seed: seed, warmup: warmup(one), threads: threads)
    let generator = one.generator.isAgent ? nil : try generators.generator(one.generator)
    if let generator, !generator.forgetsPrompts {
      recorder.warn(
        "\(one.generator.name) may keep prompts of earlier passes in a prefix cache of its own, from which later cases profit"
      )
    }
    let answers = try generator.flatMap { try reference?.answers(for: one, $0) }
    let asked = try pass.run(generator, section.resources.rag)
    let failures = asked.pass.measured.compactMap { question -> QuestionFailure? in
      if case .failure(let failure) = question.result { failure } else { nil }
    }
    if let first = failures.first {
      guard failures.count < asked.pass.measured.count else {
        throw EngineError("none of \(failures.count) questions was answered: \(first)")
      }
      recorder.warn(
        "\(one.planned.id): \(failures.count) of \(asked.pass.measured.count) questions failed, the first with: \(first)"
      )
    }
    if let failure = asked.live?.failure { recorder.warn("\(one.planned.id): inserting while asking: \(failure)") }
    return try RagSamples(
      asked, one: one, corpus: group.corpus, warmup: warmup(one), reference: reference, answers: answers
    ).series
  }

  /// A closed loop begins with all users at once, which no later moment is like.
  private func warmup(_ one: RagCase) -> Int {
    section.warmup == 0 ? 0 : max(section.warmup, one.load.atOnce)
  }

  /// A load on the null retriever and the null generator.
  private func harnessCost(_ one: RagCase) throws -> [String: Samples] {
    try RagPass.harnessCost(one, corpus: group.corpus, seed: seed, threads: threads)
  }

  /// Stores the metrics of a case whose passes are all stored.
  private func finishIfComplete(_ one: RagCase, at place: Int) throws {
    guard recorder.storedPasses(of: one.planned.id).isSuperset(of: 0...section.repetitions) else { return }
    drop(one, at: place)
    let passes = try recorder.passes(of: one.planned.id)
    try recorder.finish(
      one.planned,
      metrics: RagMetrics(passes: passes, topK: one.options.limit, prices: section.prices, seed: seed).values)
  }

  /// The collection stays, for the reference may be made of it.
  private func drop(_ one: RagCase, at place: Int) {
    waiting[place].cases.removeAll { $0.planned.id == one.planned.id }
  }

  private func drop(at place: Int) {
    waiting[place].cases = []
    waiting[place].filled?.drop()
    waiting[place].filled = nil
  }

  private func close() {
    for place in waiting.indices { drop(at: place) }
    for opened in stores.values { opened.close() }
    referenceStore?.close()
    threads.close()
  }
}

extension VectorStoreChoice {
  /// Whether texts go to its server as they are.
  var embedsItself: Bool { kind == "llama-stack" }
}
