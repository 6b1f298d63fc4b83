internal import Datasets
package import Experiments
internal import YAML

/// A section `workload: search`: what is asked of which engines.
package struct SearchSection: Workload {
  /// Searches while vectors are inserted.
  package struct WhileInserting: Sendable, Equatable {
    /// Vectors a second.
    package var rates: [Int]
    /// Vectors a call.
    package var batch: Int
    /// Length of a pass.
    package var seconds: Double
  }

  package static let kind = "search"
  package static let defaultK = 10
  /// The fewest whose range holds the true median with 95 %.
  package static let defaultRepetitions = 6

  package var name: String
  package var datasets: [DatasetChoice]
  package var engines: [EngineChoice]
  package var ks: [Int]
  package var threads: [Int]
  package var modes: [SearchPassRequest.Mode]
  /// Shares of the base set that a search may return; 1 searches without a filter.
  package var filters: [Double]
  package var ties: TieRule
  package var repetitions: Int
  package var warmup: Int
  package var buildBatch: Int
  package var buildThreads: Int
  package var whileInserting: WhileInserting?
  let resources: WorkloadResources

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in SearchSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    datasets = DatasetChoice.read(reader)
    engines = EngineChoice.read(reader)
    ks = reader.integers("k", in: 1...100_000, default: [Self.defaultK])
    threads = reader.integers("threads", in: 1...1024, default: [1])
    modes = Self.modes(reader)
    filters = reader.numbers("filters", in: 1e-6...1, default: [1])
    ties = reader.choice("ties", default: .distance)
    repetitions = reader.integer("repetitions", in: 1...1000, default: Self.defaultRepetitions)
    warmup = reader.integer("warmup", in: 0...1000, default: 1)
    let build = reader.mapping("build")
    buildBatch = build?.integer("batch", in: 1...Int.max, default: 10_000) ?? 10_000
    buildThreads = build?.integer("threads", in: 1...1024, default: 1) ?? 1
    build?.finish()
    whileInserting = reader.mapping("while_inserting").map { live in
      let options = WhileInserting(
        rates: live.integers("rate", in: 1...10_000_000, default: [1000]),
        batch: live.integer("batch", in: 1...100_000, default: 1),
        seconds: live.number("seconds", in: 0.01...3600, default: 2))
      if !live.has("rate") { live.report("says no 'rate' in vectors a second") }
      live.finish()
      return options
    }
    check(reader)
  }

  private static func modes(_ reader: SpecReader) -> [SearchPassRequest.Mode] {
    guard reader.has("modes") else { return [.single] }
    var modes: [SearchPassRequest.Mode] = []
    for element in reader.elements("modes") {
      if element.node.string == "single" {
        modes.append(.single)
      } else if let size = element.node.int, (1...10_000_000).contains(size) {
        modes.append(.batch(size: size))
      } else {
        element.report("must be single, or a number of queries a call such as 100, not \(element.node.kind)")
      }
    }
    if modes.isEmpty { reader.report("modes", "an empty list; give at least one of single and batch sizes") }
    return modes
  }

  /// What only makes sense for some engines and modes is said before anything runs.
  private func check(_ reader: SpecReader) {
    let adapters = engines.filter { if case .adapter = $0.source { true } else { false } }
    if filters.contains(where: { $0 < 1 }), let adapter = adapters.first {
      reader.report(
        "filters", "adapters cannot restrict a search to ids; put \(adapter.engine) into a section without filters")
    }
    guard whileInserting != nil else { return }
    if let adapter = adapters.first {
      reader.report(
        "while_inserting", "adapters cannot insert while they search; put \(adapter.engine) into another section")
    }
    if modes.contains(where: { $0 != .single }) {
      reader.report("modes", "while vectors are inserted, queries are asked one a call; leave 'modes' out")
    }
    if filters != [1] { reader.report("filters", "while vectors are inserted, filters cannot be used; leave them out") }
  }
}
