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
    var section = [
      Self.entry("workload", Self.word(SearchSection.kind)),
      Self.entry("datasets", Self.list([Self.word(dataset, option: "--dataset")])),
      Self.entry("indexes", Self.list(indexes.map { Self.word($0, option: "--index") })),
      Self.entry("k", Self.number(k)),
      Self.entry("threads", Self.number(threads)),
      Self.entry("repetitions", Self.number(repetitions)),
    ]
    if let metric { section.append(Self.entry("metric", Self.word(metric, option: "--metric"))) }
    if let queries { section.append(Self.entry("queries", Self.number(queries))) }
    return ExperimentSpec(
      Self.mapping([
        Self.entry("name", Self.word("index \(dataset)")),
        Self.entry("seed", Self.number(Int(seed))),
        Self.entry("experiments", Self.list([Self.mapping(section)])),
      ]))
  }

  private static let place = YAMLPlace(file: "ragmeter index")

  private static func word(_ text: String, option: String? = nil) -> YAMLNode {
    let place = option.map { YAMLPlace(file: "\($0) \(text)") } ?? place
    return YAMLNode(.scalar(YAMLScalar(text, isString: true)), at: place)
  }

  private static func number(_ value: Int) -> YAMLNode { YAMLNode(.scalar(YAMLScalar("\(value)")), at: place) }

  private static func list(_ nodes: [YAMLNode]) -> YAMLNode { YAMLNode(.sequence(nodes), at: place) }

  private static func mapping(_ entries: [YAMLEntry]) -> YAMLNode { YAMLNode(.mapping(entries), at: place) }

  private static func entry(_ key: String, _ value: YAMLNode) -> YAMLEntry {
    YAMLEntry(key: key, keyPlace: place, value: value)
  }
}
