internal import Datasets
package import Experiments
internal import Statistics

extension SearchSection {
  /// - Throws: what keeps a dataset from being loaded; `ExperimentError` for a k above what can be returned.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    SearchPlan(section: self, groups: try datasets.map { try group($0, seed: seed) }, seed: seed)
  }

  private func group(_ choice: DatasetChoice, seed: UInt64) throws -> SearchPlan.Group {
    let dataset = try resources.dataset(choice)
    let allowed = Dictionary(
      uniqueKeysWithValues: filters.filter { $0 < 1 }.map { ($0, Self.allowed($0, of: dataset.base.count, seed: seed)) }
    )
    for k in ks {
      guard k <= dataset.base.count else {
        throw ExperimentError(
          "k = \(k) is above the \(dataset.base.count) vectors of \(dataset.name); choose a smaller k")
      }
      if let (share, ids) = allowed.first(where: { $1.count < k }) {
        throw ExperimentError(
          "filter \(share) leaves \(ids.count) of the \(dataset.base.count) vectors of \(dataset.name), fewer than k = \(k)"
        )
      }
    }
    let engines = engines.map { engine in
      SearchPlan.Engine(choice: engine, cases: cases(of: engine, on: dataset))
    }
    let group = SearchPlan.Group(dataset: dataset, allowed: allowed, engines: engines)
    if let options = whileInserting {
      let held = engines.map { group.heldBack(for: $0, options, passes: repetitions + warmup) }.max() ?? 0
      guard held * 2 <= dataset.base.count else {
        throw ExperimentError(
          "inserting at the stated rates for \(options.seconds) s a pass takes \(held) vectors, more than half of the "
            + "\(dataset.base.count) of \(dataset.name); lower the rate, the seconds or the repetitions")
      }
    }
    return group
  }

  private func cases(of engine: EngineChoice, on dataset: VectorDataset) -> [SearchCase] {
    var cases: [SearchCase] = []
    for search in engine.searches {
      for k in ks {
        for threads in threads {
          for mode in modes {
            for filter in filters {
              for rate in whileInserting.map({ $0.rates.map(Optional.some) }) ?? [nil] {
                cases.append(
                  oneCase(engine, dataset, search, k: k, threads: threads, mode: mode, filter: filter, rate: rate))
              }
            }
          }
        }
      }
    }
    return cases
  }

  private func oneCase(
    _ engine: EngineChoice, _ dataset: VectorDataset, _ search: ParameterPoint, k: Int, threads: Int,
    mode: SearchPassRequest.Mode, filter: Double, rate: Int?
  ) -> SearchCase {
    let id = SearchCase.id(
      section: name, dataset: dataset.name, engine: engine, search: search, k: k, threads: threads, mode: mode,
      filter: filter, insertRate: rate)
    var made = SearchCase(
      planned: PlannedCase(id: id, workload: Self.kind, labels: [:]), search: search, k: k, threads: threads,
      mode: mode, filter: filter, insertRate: rate)
    made.planned.labels = engine.labels
      .merging(search.dictionary) { $1 }
      .merging(made.conditionLabels) { $1 }
      .merging(dataset.labels) { $1 }
      .merging(["build_threads": "\(buildThreads)"]) { $1 }
    return made
  }

  /// A seeded draw of row numbers, ascending.
  private static func allowed(_ share: Double, of count: Int, seed: UInt64) -> [Int64] {
    var generator = SplitMix64(seed: seed ^ share.bitPattern)
    var rows = (0..<Int64(count)).map { $0 }
    let wanted = Int((share * Double(count)).rounded())
    for place in 0..<wanted { rows.swapAt(place, Int.random(in: place..<count, using: &generator)) }
    return rows.prefix(wanted).sorted()
  }
}

extension VectorDataset {
  /// What a reader must know of the data beside a number.
  var labels: [String: String] {
    [
      "dataset": name, "n": "\(base.count)", "dimension": "\(base.dimension)", "metric": metric.rawValue,
      "queries": "\(queries.count)",
    ]
  }
}

/// A search section with its data.
struct SearchPlan: WorkloadPlan {
  struct Engine: Sendable {
    var choice: EngineChoice
    var cases: [SearchCase]
  }

  struct Group: Sendable {
    var dataset: VectorDataset
    /// The row numbers that each filter leaves.
    var allowed: [Double: [Int64]]
    var engines: [Engine]

    /// Vectors that the passes of an engine insert, one after the other.
    func heldBack(for engine: Engine, _ options: SearchSection.WhileInserting, passes: Int) -> Int {
      engine.cases.compactMap(\.insertRate).map { options.vectors(atRate: $0) * passes }.reduce(0, +)
    }
  }

  let section: SearchSection
  let groups: [Group]
  let seed: UInt64

  var cases: [PlannedCase] { groups.flatMap { $0.engines.flatMap { $0.cases.map(\.planned) } } }

  var dataHashes: [String: String] {
    Dictionary(groups.map { ($0.dataset.name, $0.dataset.contentHash) }, uniquingKeysWith: { first, _ in first })
  }

  /// All data at once, and all engines of one dataset.
  var memory: Int {
    groups.map { MemoryEstimate.bytes(of: $0.dataset) }.reduce(0, +)
      + (groups.map { group in
        group.engines.map { MemoryEstimate.bytes(of: $0.choice, on: group.dataset) }.reduce(0, +)
      }.max() ?? 0)
  }

  func run(_ recorder: CaseRecorder) throws {
    for group in groups {
      let turns = try SearchRun(group: group, section: section, seed: seed, recorder: recorder)
      try turns.run()
    }
  }
}

extension SearchSection.WhileInserting {
  /// Vectors that one pass inserts: whole batches.
  func vectors(atRate rate: Int) -> Int {
    let batches = (Double(rate) * seconds / Double(batch)).rounded(.up)
    return Int(batches) * batch
  }
}
