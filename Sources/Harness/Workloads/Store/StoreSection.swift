internal import Datasets
package import Experiments
package import VectorStores

/// A section `workload: store`: what rows cost in a store, and what it answers how fast.
package struct StoreSection: Workload {
  package enum Output: String, Sendable, CaseIterable {
    /// Keys and distances.
    case none
    /// The rows' texts too, as a RAG asks for them.
    case text
  }

  package static let kind = "store"
  package static let defaultBatch = 1_000
  package static let defaultProbes = 20
  package static let defaultPatience = 10.0
  package static let defaultSeconds = 0.2

  package var name: String
  package var datasets: [DatasetChoice]
  package var stores: [VectorStoreChoice]
  /// Of the stack's names alone, which every store translates into its own.
  package var indexes: [EngineChoice]
  package var ks: [Int]
  package var threads: [Int]
  /// Shares of the rows that a search may return; 1 searches without a filter.
  package var filters: [Double]
  package var consistencies: [Consistency]
  package var ties: TieRule
  /// Rows an insert.
  package var batch: Int
  /// How often each collection is filled anew.
  package var builds: Int
  package var repetitions: Int
  package var warmup: Int
  /// A pass goes round its queries until so many have passed.
  package var seconds: Double
  /// What hits bring along.
  package var output: Output
  /// Rows that are inserted one by one, looked for until they are found, deleted, and looked for until they are gone.
  package var probes: Int
  /// Seconds after which a row that was not found counts as never found.
  package var patience: Double
  /// Share of the rows that is replaced, deleted and inserted again after everything else, to be searched once more.
  package var churn: Double
  let resources: WorkloadResources

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in StoreSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    datasets = DatasetChoice.read(reader)
    stores = VectorStoreChoice.read(reader)
    indexes = IndexChoice.readForStores(reader)
    ks = reader.integers("k", in: 1...10_000, default: [SearchSection.defaultK])
    threads = reader.integers("threads", in: 1...1024, default: [1])
    filters = reader.numbers("filters", in: 1e-6...1, default: [1])
    consistencies = reader.choices("consistency", default: [.strong])
    ties = reader.choice("ties", default: .distance)
    batch = reader.integer("batch", in: 1...1_000_000, default: Self.defaultBatch)
    builds = reader.integer("builds", in: 1...100, default: 1)
    repetitions = reader.integer("repetitions", in: 1...1000, default: SearchSection.defaultRepetitions)
    warmup = reader.integer("warmup", in: 0...1000, default: 1)
    seconds = reader.number("seconds", in: 0...3600, default: Self.defaultSeconds)
    output = reader.choice("output", default: .none)
    probes = reader.integer("probes", in: 0...100_000, default: Self.defaultProbes)
    patience = reader.number("patience", in: 0.001...3600, default: Self.defaultPatience)
    churn = reader.number("churn", in: 0...1, default: 0)
  }
}
