internal import Datasets
internal import Documents
internal import Embedders
internal import Experiments
internal import RunStore
internal import Statistics

/// Measures the cases of one corpus, chunker and embedder: chunks and embeds once, builds every index, then lets all cases
/// take turns, as `SearchRun` does.
final class RetrieveRun {
  private let group: RetrieveGroup
  private let section: RetrieveSection
  private let seed: UInt64
  private let recorder: CaseRecorder
  private var waiting: [Waiting]

  /// An index with the cases that are neither stored nor failed.
  private struct Waiting {
    var choice: EngineChoice
    var cases: [RetrieveCase]
    var search: DocumentSearch?
  }

  /// What all indexes share.
  private struct Material {
    var chunked: ChunkedCorpus
    var questions: EmbeddedQuestions
    var dataset: VectorDataset
    /// Series of pass 0.
    var samples: [String: Samples]
  }

  init(group: RetrieveGroup, section: RetrieveSection, seed: UInt64, recorder: CaseRecorder) {
    self.group = group
    self.section = section
    self.seed = seed
    self.recorder = recorder
    waiting = group.engines.map { engine in
      Waiting(choice: engine.choice, cases: engine.cases.filter { !recorder.isFinished($0.planned.id) })
    }
  }

  /// - Parameter questions: the corpus's questions as this embedder sees them, where an earlier group asked.
  /// - Returns: the same for later groups; nil where nothing had to be embedded.
  /// - Throws: what ends the whole run: the store.
  func run(questions: EmbeddedQuestions?) throws -> EmbeddedQuestions? {
    for sentence in group.corpus.warnings { recorder.warn(sentence) }
    defer { for engine in waiting { engine.search?.engine.close() } }
    // A kill can fall between a case's last pass and its metrics.
    for place in waiting.indices { for one in waiting[place].cases { try finishIfComplete(one, at: place) } }
    guard waiting.contains(where: { !$0.cases.isEmpty }) else {
      try warnOfTruncation()
      return questions
    }
    recorder.progress.expect(1, "stages")
    let builds = waiting.count { !$0.cases.isEmpty }
    recorder.progress.expect(builds, "builds")
    recorder.progress.expect(waiting.flatMap(\.cases).map(passesLeft).reduce(0, +), "passes")
    let material: Material
    do {
      material = try recorder.progress.step("stages", group.id) { try prepare(questions) }
    } catch {
      recorder.progress.skip(builds, "builds")
      for place in waiting.indices { try failAll(at: place, error) }
      return questions
    }
    for place in waiting.indices where !waiting[place].cases.isEmpty { try build(at: place, material) }
    for round in 0..<section.warmup { try takeTurns(round: -1 - round, pass: nil, material) }
    for repetition in 1...section.repetitions { try takeTurns(round: repetition, pass: repetition, material) }
    try warnOfTruncation()
    return material.questions
  }

  private func passesLeft(_ one: RetrieveCase) -> Int {
    section.warmup + section.repetitions - recorder.storedPasses(of: one.planned.id).subtracting([0]).count
  }

  private func prepare(_ known: EmbeddedQuestions?) throws -> Material {
    let chunked = ChunkedCorpus(
      group.corpus, chunker: try section.resources.chunker(group.chunker.specification), context: group.context)
    let embedder = try section.resources.embedder(group.embedder.specification, section.embedThreads)
    let questions = try known ?? EmbeddedQuestions(group.corpus.questions, embedder: embedder)
    let chunks = try EmbeddedChunks(chunked.texts, embedder: embedder, batch: section.embedBatch)
    var samples: [String: Samples] = [
      "chunk_seconds": .double(chunked.seconds), "chunks": .uint64([UInt64(chunked.count)]),
      "embed_seconds": .double([chunks.seconds]), "query_embed": .uint64(questions.nanoseconds),
    ]
    func count(_ name: String, _ value: Int) { samples[name] = .uint64([UInt64(value)]) }
    if !chunks.tokens.isEmpty {
      count("tokens", chunks.tokens.reduce(0, +))
      count("truncated_tokens", chunks.truncatedTokens.reduce(0, +))
      count("truncated_chunks", chunks.truncatedTokens.count { $0 > 0 })
      count("truncated_questions", questions.truncatedTokens.count { $0 > 0 })
    }
    // Not kept in any cache: the vectors' own hash would only be computed for nothing.
    let dataset = VectorDataset(
      name: group.id, metric: group.metric, base: chunks.vectors, queries: questions.vectors,
      contentHash: group.corpus.contentHash)
    return Material(chunked: chunked, questions: questions, dataset: dataset, samples: samples)
  }

  /// Builds, and stores stages and build as pass 0 of every case that has none; if it cannot, all cases fail.
  private func build(at place: Int, _ material: Material) throws {
    let choice = waiting[place].choice
    do {
      try recorder.progress.step("builds", "\(group.id) \(choice.idParts.joined(separator: " "))") {
        let engine = try section.resources.engine(choice)
        waiting[place].search = DocumentSearch(
          engine: engine, documents: material.chunked.documents, documentCount: material.chunked.documentCount)
        let report = try engine.build(
          material.dataset.base, metric: material.dataset.metric, batch: section.buildBatch,
          threads: section.buildThreads)
        let samples = report.samples(rows: material.dataset.base.count).merging(material.samples) { $1 }
        for one in waiting[place].cases where !recorder.storedPasses(of: one.planned.id).contains(0) {
          try recorder.store(pass: PassRecord(number: 0, samples: samples), of: one.planned.id)
        }
      }
    } catch let error as RunStoreError {
      throw error
    } catch {
      try failAll(at: place, error)
    }
  }

  private func failAll(at place: Int, _ error: any Error) throws {
    for one in waiting[place].cases {
      recorder.progress.skip(passesLeft(one), "passes")
      try recorder.fail(one.planned, error)
    }
    close(at: place)
  }

  /// One round over all cases that still need this pass, in an order of its own.
  private func takeTurns(round: Int, pass: Int?, _ material: Material) throws {
    var generator = SplitMix64(seed: seed &+ UInt64(bitPattern: Int64(round)) &* 0x9E37_79B9_7F4A_7C15)
    var turns: [(place: Int, one: RetrieveCase)] = []
    for place in waiting.indices {
      for one in waiting[place].cases
      where pass.map({ !recorder.storedPasses(of: one.planned.id).contains($0) }) ?? true {
        turns.append((place, one))
      }
    }
    turns.shuffle(using: &generator)
    for (place, one) in turns where !recorder.isFinished(one.planned.id) {
      let left = passesLeft(one)
      let samples: [String: Samples]
      do {
        samples = try recorder.progress.step("passes", one.planned.id) {
          try measured(one, at: place, material, isFirst: pass == 1)
        }
      } catch {
        recorder.progress.skip(left, "passes")
        try recorder.fail(one.planned, error)
        drop(one, at: place)
        continue
      }
      guard let pass else { continue }
      try recorder.store(pass: PassRecord(number: pass, samples: samples), of: one.planned.id)
      try finishIfComplete(one, at: place)
    }
  }

  private func measured(
    _ one: RetrieveCase, at place: Int, _ material: Material, isFirst: Bool
  ) throws -> [String: Samples] {
    guard let search = waiting[place].search else { throw EngineError("\(waiting[place].choice.engine) was not built") }
    let pass = try search.pass(
      material.dataset.queries, wanted: section.depth, parameters: one.search.dictionary)
    var samples: [String: Samples] = ["latency": .uint64(pass.latencies), "seconds": .double([pass.seconds])]
    guard isFirst else { return samples }
    samples["fetched"] = .uint64(pass.fetched)
    samples["searches"] = .uint64(pass.searches)
    if let distances = pass.distances { samples["distances"] = .uint64([UInt64(distances)]) }
    let scores = RetrievalScores(pass, corpus: group.corpus, chunked: material.chunked, ks: section.ks)
    return samples.merging(scores.series) { $1 }
  }

  /// Stores the metrics of a case whose passes are all stored.
  private func finishIfComplete(_ one: RetrieveCase, at place: Int) throws {
    guard recorder.storedPasses(of: one.planned.id).isSuperset(of: 0...section.repetitions) else { return }
    drop(one, at: place)
    let passes = try recorder.passes(of: one.planned.id)
    try recorder.finish(
      one.planned, metrics: RetrieveMetrics(passes: passes, seed: seed).values, worst: worstQuestions(passes))
  }

  private func worstQuestions(_ passes: [PassRecord]) -> [WorstQuestion] {
    guard let first = passes.first(where: { $0.number == 1 }), let worst = first.numbers("worst_questions"),
      let documents = first.numbers("first_documents"),
      let score = first.numbers("ndcg@\(section.ks.last ?? RetrieveSection.defaultK)")
    else { return [] }
    return worst.map { Int($0) }.map { number in
      let question = group.corpus.questions[number]
      let found = Int(documents[number])
      return WorstQuestion(
        id: question.id, text: question.text, score: score[number],
        relevant: question.judgements.filter { $0.value > 0 }.map(\.key).sorted(),
        found: found < 0 ? nil : group.corpus.documents[found].id)
    }
  }

  /// Says what the embedder did not read, from what is stored, so that a resumed run says it too.
  private func warnOfTruncation() throws {
    guard let one = group.engines.first?.cases.first,
      let pass = try recorder.passes(of: one.planned.id).first(where: { $0.number == 0 })
    else { return }
    let counts = ["chunks", "tokens", "truncated_tokens", "truncated_chunks", "truncated_questions"].map {
      Int(pass.number($0) ?? 0)
    }
    let (chunks, tokens, lost, cut, questions) = (counts[0], counts[1], counts[2], counts[3], counts[4])
    if cut > 0 {
      recorder.warn(
        "\(group.embedder.name) reads only the beginning of \(cut) of \(chunks) chunks of \(group.chunkingID): "
          + "\(lost) of \(tokens + lost) tokens are beyond its limit")
    }
    if questions > 0 {
      recorder.warn("\(group.embedder.name) reads only the beginning of \(questions) questions of \(group.corpus.name)")
    }
  }

  private func drop(_ one: RetrieveCase, at place: Int) {
    waiting[place].cases.removeAll { $0.planned.id == one.planned.id }
    if waiting[place].cases.isEmpty { close(at: place) }
  }

  private func close(at place: Int) {
    waiting[place].cases = []
    waiting[place].search?.engine.close()
    waiting[place].search = nil
  }
}
