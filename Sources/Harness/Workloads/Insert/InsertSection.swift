internal import Datasets
package import Experiments

/// A section `workload: insert`: how long engines take to become searchable.
package struct InsertSection: Workload {
  package static let kind = "insert"
  package static let defaultBatch = 10_000

  package var name: String
  package var datasets: [DatasetChoice]
  package var engines: [EngineChoice]
  /// Vectors handed over a call.
  package var batches: [Int]
  package var threads: [Int]
  package var repetitions: Int
  let resources: WorkloadResources

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in InsertSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    datasets = DatasetChoice.read(reader)
    engines = EngineChoice.read(reader)
    batches = reader.integers("batch", in: 1...Int.max, default: [Self.defaultBatch])
    threads = reader.integers("threads", in: 1...1024, default: [1])
    repetitions = reader.integer("repetitions", in: 1...1000, default: 3)
    if let turned = engines.first(where: { $0.searches.contains { !$0.entries.isEmpty } }) {
      reader.report("indexes", "\(turned.index) has search parameters, which inserting does not turn; leave them out")
    }
  }

  /// - Throws: what keeps a dataset from being loaded.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    let groups = try datasets.map { choice in
      let dataset = try resources.dataset(choice)
      return InsertPlan.Group(dataset: dataset, cases: engines.flatMap { cases(of: $0, on: dataset) })
    }
    return InsertPlan(section: self, groups: groups, seed: seed)
  }

  private func cases(of engine: EngineChoice, on dataset: VectorDataset) -> [InsertCase] {
    batches.flatMap { batch in
      threads.map { threads in
        var conditions: [String] = []
        if batch != Self.defaultBatch { conditions.append("batch=\(batch)") }
        if threads != 1 { conditions.append("threads=\(threads)") }
        let parts =
          [name, dataset.name] + engine.idParts + (conditions.isEmpty ? [] : [conditions.joined(separator: ",")])
        let labels = engine.labels
          .merging(["batch": "\(batch)", "threads": "\(threads)"]) { $1 }
          .merging(dataset.labels.filter { $0.key != "queries" }) { $1 }
        return InsertCase(
          planned: PlannedCase(id: parts.joined(separator: "/"), workload: Self.kind, labels: labels), engine: engine,
          batch: batch, threads: threads)
      }
    }
  }
}

/// One row of an insert workload.
struct InsertCase: Sendable {
  var planned: PlannedCase
  var engine: EngineChoice
  var batch: Int
  var threads: Int
}
