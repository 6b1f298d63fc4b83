internal import Datasets
internal import Experiments
internal import RunStore
internal import Statistics
internal import VectorIndexes

/// Measures the cases of one dataset: builds every engine, then lets all cases take turns.
///
/// Each round asks every case once, in an order of its own, so that a machine that drifts favours none of them.
final class SearchRun {
  private let group: SearchPlan.Group
  private let section: SearchSection
  private let seed: UInt64
  private let recorder: CaseRecorder
  private let engines: [MeasuredEngine]
  private let null = InTreeEngine.null()
  /// So many that starting the threads does not show; one dimension, for nobody looks at them.
  private let nullQueries: VectorSet
  /// By the shape of the request, in this round.
  private var overheads: [String: Double] = [:]
  private var judges: [JudgeKey: RecallJudge] = [:]

  /// Seconds a query; more would show in the fastest engines' figures.
  private static let allowedOverhead = 200e-9

  private struct JudgeKey: Hashable {
    var filter: Double
    var k: Int
  }

  init(group: SearchPlan.Group, section: SearchSection, seed: UInt64, recorder: CaseRecorder) throws {
    nullQueries = try VectorSet(dimension: 1, values: Array(repeating: 0, count: 20_000))
    _ = try null.build(nullQueries, metric: .l2, batch: nullQueries.count, threads: 1)
    self.group = group
    self.section = section
    self.seed = seed
    self.recorder = recorder
    engines = group.engines.map { MeasuredEngine($0, group: group, section: section, recorder: recorder) }
  }

  /// - Throws: what ends the whole run: the store, and data that no case could be judged by.
  func run() throws {
    // A kill can fall between a case's last pass and its metrics.
    for engine in engines { for one in engine.pending { try finishIfComplete(engine, one) } }
    guard engines.contains(where: { !$0.pending.isEmpty }) else { return }
    defer { for engine in engines { engine.close() } }
    try prepareTruth()
    for engine in engines where !engine.pending.isEmpty { recorder.progress.expect(1, "builds") }
    for engine in engines { recorder.progress.expect(engine.pending.map(passesLeft).reduce(0, +), "passes") }
    for engine in engines where !engine.pending.isEmpty { try engine.build() }
    for round in 0..<section.warmup { try takeTurns(round: -1 - round, pass: nil) }
    for repetition in 1...section.repetitions { try takeTurns(round: repetition, pass: repetition) }
  }

  private func passesLeft(_ one: SearchCase) -> Int {
    section.warmup + section.repetitions - recorder.storedPasses(of: one.planned.id).subtracting([0]).count
  }

  private func prepareTruth() throws {
    guard section.whileInserting == nil else { return }
    recorder.progress.expect(section.filters.count, "truth")
    for filter in section.filters {
      let allowed = group.allowed[filter]
      let largest = section.ks.max() ?? SearchSection.defaultK
      let truth = try recorder.progress.step("truth", "exact neighbours of \(group.dataset.name)") {
        try section.resources.truth(group.dataset, allowed, largest)
      }
      for k in section.ks {
        judges[JudgeKey(filter: filter, k: k)] = RecallJudge(
          group.dataset, truth: truth.nearest(k), ties: section.ties, allowed: allowed.map { IDFilter($0) })
      }
    }
  }

  /// One round over all cases that still need this pass.
  private func takeTurns(round: Int, pass: Int?) throws {
    overheads = [:]
    var generator = SplitMix64(seed: seed &+ UInt64(bitPattern: Int64(round)) &* 0x9E37_79B9_7F4A_7C15)
    var turns: [(engine: MeasuredEngine, one: SearchCase)] = []
    for engine in engines {
      for one in engine.pending where pass.map({ !recorder.storedPasses(of: one.planned.id).contains($0) }) ?? true {
        turns.append((engine, one))
      }
    }
    turns.shuffle(using: &generator)
    for (engine, one) in turns where !recorder.isFinished(one.planned.id) {
      try take(engine, one, pass: pass)
    }
  }

  private func take(_ engine: MeasuredEngine, _ one: SearchCase, pass: Int?) throws {
    let left = passesLeft(one)
    let samples: [String: Samples]
    do {
      samples = try recorder.progress.step("passes", one.planned.id) {
        if let rate = one.insertRate, let options = section.whileInserting {
          return try engine.passWhileInserting(one, rate: rate, options)
        }
        return try measured(engine, one, isFirst: pass == 1)
      }
    } catch {
      recorder.progress.skip(left, "passes")
      engine.drop(one)
      return try recorder.fail(one.planned, error)
    }
    guard let pass else { return }
    try recorder.store(pass: PassRecord(number: pass, samples: samples), of: one.planned.id)
    try finishIfComplete(engine, one)
  }

  /// Stores the metrics of a case whose passes are all stored.
  private func finishIfComplete(_ engine: MeasuredEngine, _ one: SearchCase) throws {
    guard recorder.storedPasses(of: one.planned.id).isSuperset(of: 0...section.repetitions) else { return }
    engine.drop(one)
    let metrics = SearchMetrics(one, passes: try recorder.passes(of: one.planned.id), seed: seed).values
    if let overhead = metrics["harness_overhead"]?.value, overhead > Self.allowedOverhead {
      recorder.warn("the harness added more than \(Int(Self.allowedOverhead * 1e9)) ns to a measured query")
    }
    try recorder.finish(one.planned, metrics: metrics)
  }

  private func measured(_ engine: MeasuredEngine, _ one: SearchCase, isFirst: Bool) throws -> [String: Samples] {
    let queries = group.dataset.queries
    let request = SearchPassRequest(
      k: one.k, mode: one.mode, threads: one.threads, parameters: one.search.dictionary,
      allowed: group.allowed[one.filter])
    let pass = try engine.search(queries, request)
    try pass.check(queries: queries.count, request)
    var samples: [String: Samples] = [
      "latency": .uint64(pass.latencies), "seconds": .double([pass.seconds]),
      "queries": .uint64([UInt64(queries.count)]),
    ]
    if let distances = pass.distances { samples["distances"] = .uint64([UInt64(distances)]) }
    if let visited = pass.visited { samples["visited"] = .uint64([UInt64(visited)]) }
    if engine.isInTree { samples["harness_overhead"] = .double([try overhead(request)]) }
    if isFirst, let judge = judges[JudgeKey(filter: one.filter, k: one.k)] {
      let recall = judge.recall(of: pass.ids)
      samples["recall"] = .float(recall.map { Float($0) })
      samples["worst_queries"] = .int64(Self.worst(recall))
    }
    return samples
  }

  /// Seconds of a thread's time that the harness adds to a query: a pass of the same shape over the null index, measured
  /// once a round.
  private func overhead(_ request: SearchPassRequest) throws -> Double {
    var bare = request
    bare.parameters = [:]
    bare.allowed = nil
    let shape = "\(bare)"
    if let known = overheads[shape] { return known }
    let pass = try null.search(nullQueries, pass: bare)
    let cost = pass.seconds * Double(bare.threads) / Double(nullQueries.count)
    overheads[shape] = cost
    return cost
  }

  /// The queries with the lowest recall, worst first, at most ten and none that found all.
  static func worst(_ recall: [Double]) -> [Int64] {
    recall.indices.filter { recall[$0] < 1 }.sorted { (recall[$0], $0) < (recall[$1], $1) }.prefix(10).map(Int64.init)
  }
}

extension GroundTruth {
  /// The same for a smaller k.
  func nearest(_ k: Int) -> GroundTruth {
    guard k < self.k else { return self }
    let queries = neighbors.count / self.k
    let places = (0..<queries).flatMap { query in query * self.k..<query * self.k + k }
    return GroundTruth(k: k, neighbors: places.map { neighbors[$0] }, distances: places.map { distances[$0] })
  }
}

extension SearchPass {
  /// - Throws: `EngineError` for an answer that does not fit the question.
  func check(queries: Int, _ request: SearchPassRequest) throws {
    let calls =
      switch request.mode {
      case .single: queries
      case .batch(let size): (queries + size - 1) / size
      }
    guard ids.count == queries * request.k, latencies.count == calls else {
      throw EngineError(
        "the engine answered \(ids.count) ids and \(latencies.count) latencies where \(queries * request.k) and "
          + "\(calls) were asked for")
    }
    guard seconds.isFinite, seconds > 0 else {
      throw EngineError("the engine says that the pass took \(seconds) s")
    }
  }
}
