internal import Datasets
internal import Experiments
internal import RunStore
internal import Statistics
internal import VectorIndexes
internal import VectorStores

/// Measures the cases of one dataset: fills a collection in every store, then lets all cases take turns, then looks how soon
/// each store shows what was written.
///
/// Fills, passes and probes are taken in an order of their own each round, so that a machine that drifts favours none of them.
/// Pass 0 of a case is the filling, then come the repetitions, and what is done to the collection after them is the last.
final class StoreRun {
  private let group: StorePlan.Group
  let section: StoreSection
  private let seed: UInt64
  let recorder: CaseRecorder
  private let stores: [MeasuredStore]
  private let collections: [MeasuredCollection]
  private let null = NullStore()
  /// By the number of threads, in this round.
  private var overheads: [Int: Double] = [:]
  private var judges: [JudgeKey: RecallJudge] = [:]

  private struct JudgeKey: Hashable {
    var filter: Double
    var k: Int
  }

  private static let nullQueries = 20_000

  var rows: StoreRows { group.rows }
  /// The number of the pass after the repetitions.
  private var lastPass: Int { section.repetitions + 1 }

  init(group: StorePlan.Group, section: StoreSection, seed: UInt64, recorder: CaseRecorder) {
    self.group = group
    self.section = section
    self.seed = seed
    self.recorder = recorder
    var stores: [VectorStoreChoice: MeasuredStore] = [:]
    for choice in group.collections.map(\.store) where stores[choice] == nil {
      stores[choice] = MeasuredStore(choice, opener: section.resources.store)
    }
    self.stores = Array(stores.values)
    collections = group.collections.compactMap { planned in
      stores[planned.store].map { measured in
        MeasuredCollection(
          planned, in: measured, rows: group.rows,
          pending: planned.cases.filter { !recorder.isFinished($0.planned.id) })
      }
    }
  }

  /// - Throws: what ends the whole run: the record of the run, and data that no case could be judged by.
  func run() throws {
    // A kill can fall between a case's last pass and its metrics.
    for collection in collections { for one in collection.pending { try finishIfComplete(collection, one) } }
    guard collections.contains(where: { !$0.pending.isEmpty }) else { return }
    defer { close() }
    try prepareTruth()
    let waiting = collections.filter { !$0.pending.isEmpty }
    recorder.progress.expect(waiting.count * section.builds, "fills")
    recorder.progress.expect(waiting.flatMap(\.pending).map(passesLeft).reduce(0, +), "passes")
    recorder.progress.expect(waiting.count, "probes")
    try open()
    for round in 1...section.builds { try inTurns(round: -1000 - round) { try fill($0) } }
    for collection in collections { try storeFill(of: collection) }
    for round in 0..<section.warmup { try takeTurns(round: -1 - round, pass: nil) }
    for repetition in 1...section.repetitions { try takeTurns(round: repetition, pass: repetition) }
    try inTurns(round: lastPass) { try probe($0) }
  }

  private func generator(_ round: Int) -> SplitMix64 {
    SplitMix64(seed: seed &+ UInt64(bitPattern: Int64(round)) &* 0x9E37_79B9_7F4A_7C15)
  }

  private func passesLeft(_ one: StoreCase) -> Int {
    section.warmup + section.repetitions
      - recorder.storedPasses(of: one.planned.id).subtracting([0, lastPass]).count
  }

  private func prepareTruth() throws {
    recorder.progress.expect(section.filters.count, "truth")
    for filter in section.filters {
      let allowed = rows.allowed(filter)
      let largest = section.ks.max() ?? SearchSection.defaultK
      let truth = try recorder.progress.step("truth", "exact neighbours of \(rows.dataset.name)") {
        try section.resources.truth(rows.dataset, allowed, largest)
      }
      for k in section.ks {
        judges[JudgeKey(filter: filter, k: k)] = RecallJudge(
          rows.dataset, truth: truth.nearest(k), ties: section.ties, allowed: allowed.map { IDFilter($0) })
      }
    }
  }

  /// Does something with every collection that cases wait for, in an order of this round; where it fails, they fail.
  private func inTurns(round: Int, _ body: (MeasuredCollection) throws -> Void) throws {
    var generator = generator(round)
    for collection in collections.filter({ !$0.pending.isEmpty }).shuffled(using: &generator) {
      do {
        try body(collection)
      } catch let error as RunStoreError {
        throw error
      } catch {
        try failAll(of: collection, error)
      }
    }
  }

  /// A store that cannot be opened fails all that waits for it.
  private func open() throws {
    for collection in collections where !collection.pending.isEmpty {
      do {
        _ = try collection.measured.open()
      } catch {
        try failAll(of: collection, error)
      }
    }
  }

  private func fill(_ collection: MeasuredCollection) throws {
    try recorder.progress.step("fills", collection.title) { try collection.fill(batch: section.batch) }
  }

  private func storeFill(of collection: MeasuredCollection) throws {
    let pass = PassRecord(number: 0, samples: collection.samples)
    for one in collection.pending where !recorder.storedPasses(of: one.planned.id).contains(0) {
      try recorder.store(pass: pass, of: one.planned.id)
    }
  }

  private func failAll(of collection: MeasuredCollection, _ error: any Error) throws {
    for one in collection.pending {
      recorder.progress.skip(passesLeft(one), "passes")
      try recorder.fail(one.planned, error)
    }
    collection.pending = []
    dropQuietly(collection)
  }

  /// One round over all cases that still need this pass.
  private func takeTurns(round: Int, pass: Int?) throws {
    overheads = [:]
    var generator = generator(round)
    var turns: [(collection: MeasuredCollection, one: StoreCase)] = []
    for collection in collections {
      for one in collection.pending
      where pass.map({ !recorder.storedPasses(of: one.planned.id).contains($0) }) ?? true {
        turns.append((collection, one))
      }
    }
    turns.shuffle(using: &generator)
    for (collection, one) in turns where !recorder.isFinished(one.planned.id) {
      try take(collection, one, pass: pass)
    }
  }

  private func take(_ collection: MeasuredCollection, _ one: StoreCase, pass: Int?) throws {
    let left = passesLeft(one)
    let samples: [String: Samples]
    do {
      samples = try recorder.progress.step("passes", one.planned.id) {
        var samples = try searched(collection, one, isJudged: pass == 1)
        samples["harness_overhead"] = .double([try overhead(threads: one.threads)])
        return samples
      }
    } catch {
      recorder.progress.skip(left, "passes")
      collection.pending.removeAll { $0.planned.id == one.planned.id }
      return try recorder.fail(one.planned, error)
    }
    guard let pass else { return }
    try recorder.store(pass: PassRecord(number: pass, samples: samples), of: one.planned.id)
  }

  /// One pass over the queries.
  private func searched(
    _ collection: MeasuredCollection, _ one: StoreCase, isJudged: Bool
  ) throws -> [String: Samples] {
    let queries = rows.dataset.queries.count
    let answers = try StorePass.run(
      queries: queries, threads: one.threads, atLeast: section.seconds,
      collection.asker(one, rows, output: section.output))
    var samples: [String: Samples] = [
      "latency": .uint64(answers.latencies), "seconds": .double([answers.seconds]),
      "queries": .uint64([UInt64(answers.latencies.count)]),
    ]
    if isJudged, let judge = judges[JudgeKey(filter: one.filter, k: one.k)] {
      let recall = judge.recall(of: ids(answers.hits, k: one.k, collection))
      samples["recall"] = .float(recall.map { Float($0) })
      samples["worst_queries"] = .int64(SearchRun.worst(recall))
      samples["hits"] = .uint64(answers.hits.map { UInt64($0.count) })
    }
    return samples
  }

  /// Row numbers of the first k hits of each query, −1 in places that a shorter answer leaves.
  private func ids(_ hits: [[SearchHit]], k: Int, _ collection: MeasuredCollection) -> [Int64] {
    hits.flatMap { hits in
      let found = hits.prefix(k).map { collection.number(of: $0.key) }
      return found + Array(repeating: -1, count: k - found.count)
    }
  }

  /// Seconds of a thread's time that the harness adds to a query: a pass of the same shape over the null store, measured once a
  /// round.
  private func overhead(threads: Int) throws -> Double {
    if let known = overheads[threads] { return known }
    let request = SearchRequest(vectors: [0], limit: 1)
    let null: any VectorStore = null
    let pass = try StorePass.run(queries: Self.nullQueries, threads: threads, atLeast: 0) { _ in
      try null.search(request, in: "null").first ?? []
    }
    let cost = pass.seconds * Double(threads) / Double(Self.nullQueries)
    overheads[threads] = cost
    return cost
  }

  /// The last pass of a collection: probes of what is visible when, then churn and what is found after it. What fails here takes
  /// nothing from what was measured before; its metrics say why they are missing.
  private func probe(_ collection: MeasuredCollection) throws {
    let stored = collection.pending.filter { !recorder.storedPasses(of: $0.planned.id).contains(lastPass) }
    var samples: [String: [String: Samples]] = [:]
    recorder.progress.step("probes", collection.title) {
      for consistency in section.consistencies where section.probes > 0 {
        do {
          let probes = VisibilityProbes(collection, rows: rows, patience: section.patience, seed: seed)
          let series = try probes.run(section.probes, consistency: consistency)
          for one in stored where one.consistency == consistency { samples[one.planned.id] = series }
        } catch {
          collection.reasons["visibility"] = "\(error)"
        }
      }
      guard section.churn > 0 else { return }
      do {
        let series = try StoreChurn(collection, rows: rows, batch: section.batch).run(share: section.churn, seed: seed)
        for one in stored {
          samples[one.planned.id, default: [:]].merge(series) { $1 }
          let again = try searched(collection, one, isJudged: true)
          for name in ["latency", "recall"] { samples[one.planned.id]?["churned_\(name)"] = again[name] }
        }
      } catch {
        collection.reasons["churn"] = "\(error)"
      }
    }
    for one in stored {
      try recorder.store(
        pass: PassRecord(
          number: lastPass,
          samples: samples[one.planned.id, default: [:]].merging(["probes": .uint64([UInt64(section.probes)])]) { $1 }),
        of: one.planned.id)
    }
    for one in collection.pending { try finishIfComplete(collection, one) }
    dropQuietly(collection)
  }

  /// Stores the metrics of a case whose passes are all stored.
  private func finishIfComplete(_ collection: MeasuredCollection, _ one: StoreCase) throws {
    guard recorder.storedPasses(of: one.planned.id).isSuperset(of: 0...lastPass) else { return }
    collection.pending.removeAll { $0.planned.id == one.planned.id }
    let metrics = StoreMetrics(
      one, section, passes: try recorder.passes(of: one.planned.id), reasons: collection.reasons, seed: seed)
    try recorder.finish(one.planned, metrics: metrics.values)
  }

  /// A collection that cannot be dropped is a thing to tell of, and no case's failure.
  private func dropQuietly(_ collection: MeasuredCollection) {
    guard let name = collection.name else { return }
    do {
      try collection.drop()
    } catch {
      recorder.warn("\(collection.measured.choice.name) still holds the collection \(name): \(error)")
    }
  }

  private func close() {
    for collection in collections { dropQuietly(collection) }
    for store in stores {
      for sentence in store.notices { recorder.warn(sentence) }
      store.close()
    }
  }
}
