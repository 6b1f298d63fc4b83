internal import Datasets
package import Experiments

extension StoreSection {
  /// - Throws: what keeps a dataset from being loaded; `ExperimentError` for a k above what can be returned.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    StorePlan(section: self, groups: try datasets.map { try group($0, seed: seed) }, seed: seed)
  }

  private func group(_ choice: DatasetChoice, seed: UInt64) throws -> StorePlan.Group {
    let dataset = try resources.dataset(choice)
    let ranks = filters.contains { $0 < 1 } ? RowRanks(count: dataset.base.count, seed: seed) : nil
    let rows = try StoreRows(dataset: dataset, texts: resources.texts(choice), ranks: ranks)
    if output == .text, rows.texts == nil {
      throw ExperimentError(
        "\(dataset.name) has vectors alone, and 'output: text' asks for their texts; use a dataset such as embedded:corpus=handbook,…"
      )
    }
    for k in ks {
      for filter in filters {
        let count = rows.allowed(filter)?.count ?? dataset.base.count
        guard k <= count else {
          throw ExperimentError(
            filter < 1
              ? "filter \(filter) leaves \(count) of the \(dataset.base.count) rows of \(dataset.name), fewer than k = \(k)"
              : "k = \(k) is above the \(count) rows of \(dataset.name); choose a smaller k")
        }
      }
    }
    let collections = stores.flatMap { store in
      indexes.map { index in
        StorePlan.Collection(store: store, index: index, cases: cases(store, index, rows))
      }
    }
    return StorePlan.Group(rows: rows, collections: collections)
  }

  private func cases(_ store: VectorStoreChoice, _ index: EngineChoice, _ rows: StoreRows) -> [StoreCase] {
    var cases: [StoreCase] = []
    for search in index.searches {
      for k in ks {
        for threads in threads {
          for filter in filters {
            for consistency in consistencies {
              var one = StoreCase(
                planned: PlannedCase(id: "", workload: Self.kind, labels: [:]), search: search, k: k, threads: threads,
                filter: filter, consistency: consistency)
              one.planned.id = StoreCase.id(
                section: name, dataset: rows.dataset.name, store: store, index: index, search: search, k: k,
                threads: threads, filter: filter, consistency: consistency)
              one.planned.labels = index.build.dictionary
                .merging(search.dictionary) { $1 }
                .merging(one.conditionLabels) { $1 }
                .merging(rows.labels) { $1 }
                .merging(store.labels) { $1 }
                .merging(["index": index.index, "batch": "\(batch)", "output": output.rawValue]) { $1 }
              // Sections that ask different things of one dataset are no rows of one table.
              if name != Self.kind { one.planned.labels["section"] = name }
              cases.append(one)
            }
          }
        }
      }
    }
    return cases
  }
}

/// A store section with its data.
struct StorePlan: WorkloadPlan {
  /// One index in one store.
  struct Collection: Sendable {
    var store: VectorStoreChoice
    var index: EngineChoice
    var cases: [StoreCase]
  }

  struct Group: Sendable {
    var rows: StoreRows
    var collections: [Collection]
  }

  let section: StoreSection
  let groups: [Group]
  let seed: UInt64

  var cases: [PlannedCase] { groups.flatMap { $0.collections.flatMap { $0.cases.map(\.planned) } } }

  var dataHashes: [String: String] {
    Dictionary(
      groups.map { ($0.rows.dataset.name, $0.rows.dataset.contentHash) }, uniquingKeysWith: { first, _ in first })
  }

  /// All data at once, and all collections of one dataset that live in this process; a server's memory is its own.
  var memory: Int {
    groups.map { MemoryEstimate.bytes(of: $0.rows.dataset) }.reduce(0, +)
      + (groups.map { group in
        group.collections.filter { $0.store.kind == VectorStoreChoice.embedded.kind }.map { collection in
          var engine = collection.index
          engine.store = .embedded
          return MemoryEstimate.bytes(of: engine, on: group.rows.dataset)
        }.reduce(0, +)
      }.max() ?? 0)
  }

  func run(_ recorder: CaseRecorder) throws {
    for group in groups { try StoreRun(group: group, section: section, seed: seed, recorder: recorder).run() }
  }
}
