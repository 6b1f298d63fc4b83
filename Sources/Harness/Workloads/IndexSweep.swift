package import Experiments
internal import YAML

/// A search over one dataset without a spec file: what `ragmeter index` is asked for, as the experiment it stands for.
package struct IndexSweep: Sendable {
  package var dataset: String
  /// In one word each: see `IndexArgument`.
  package var indexes: [String]
  package var k = SearchSection.defaultK
  package var threads = 1
  package var repetitions = SearchSection.defaultRepetitions
  package var metric: String?
  /// Only the first queries.
  package var queries: Int?

  package init(dataset: String, indexes: [String]) {
    self.dataset = dataset
    self.indexes = indexes
  }

  package func experiment(seed: UInt64) -> ExperimentSpec {
    let nodes = SpecNodes(verb: "index")
    var section = [
      nodes.entry("workload", nodes.word(SearchSection.kind)),
      nodes.entry("datasets", nodes.list([nodes.word(dataset, option: "--dataset")])),
      nodes.entry("indexes", nodes.list(indexes.map { nodes.word($0, option: "--index") })),
      nodes.entry("k", nodes.number(k)),
      nodes.entry("threads", nodes.number(threads)),
      nodes.entry("repetitions", nodes.number(repetitions)),
    ]
    if let metric { section.append(nodes.entry("metric", nodes.word(metric, option: "--metric"))) }
    if let queries { section.append(nodes.entry("queries", nodes.number(queries))) }
    return ExperimentSpec(
      nodes.mapping([
        nodes.entry("name", nodes.word("index \(dataset)")),
        nodes.entry("seed", nodes.number(Int(seed))),
        nodes.entry("experiments", nodes.list([nodes.mapping(section)])),
      ]))
  }
}
