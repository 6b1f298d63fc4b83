package import Datasets
package import Experiments
internal import YAML

/// A dataset by name, path, `synthetic:count=…` or `embedded:corpus=…`, and how much of it is used.
package struct DatasetChoice: Sendable, Hashable {
  package var source: String
  /// The first rows only; nil for all.
  package var base: Int?
  package var queries: Int?
  /// Instead of the metric that the source states.
  package var metric: DatasetMetric?
  /// What ids and tables call it; nil for the source's own name.
  package var alias: String?

  package init(
    source: String, base: Int? = nil, queries: Int? = nil, metric: DatasetMetric? = nil, alias: String? = nil
  ) {
    self.source = source
    self.base = base
    self.queries = queries
    self.metric = metric
    self.alias = alias
  }

  /// Whether it is made of a corpus: see `EmbeddedDataset`.
  var isEmbedded: Bool { source.hasPrefix("\(EmbeddedDataset.prefix):") }

  /// The entries of a section's `datasets`, each a word or a mapping `name:`, `as:`, `base:`, `queries:`, `metric:`. The section's
  /// own `base`, `queries` and `metric` hold for entries that say nothing else.
  package static func read(_ section: SpecReader) -> [DatasetChoice] {
    let common = limits(section, source: "", fallback: DatasetChoice(source: ""))
    let elements = section.elements("datasets")
    if elements.isEmpty { section.report("says no 'datasets', such as [sift-5k]") }
    return elements.compactMap { element in
      guard element.node.mapping != nil else {
        guard let source = element.node.string else {
          element.report("must be a dataset's name or path, not \(element.node.kind)")
          return nil
        }
        var choice = common
        choice.source = source
        return choice
      }
      let reader = element.reader
      let source = reader.optionalText("name")
      if !reader.has("name") { reader.report("says no 'name' of a dataset, nor a path") }
      var choice = limits(reader, source: source ?? "", fallback: common)
      choice.alias = reader.optionalText("as")
      if choice.alias?.contains("/") ?? false { reader.report("as", "stands in the ids of cases, so it has no '/'") }
      reader.finish()
      return choice
    }
  }

  private static func limits(_ reader: SpecReader, source: String, fallback: DatasetChoice) -> DatasetChoice {
    var choice = fallback
    choice.source = source
    if reader.has("base") { choice.base = reader.integer("base", in: 1...Int(Int32.max), default: 1) }
    if reader.has("queries") { choice.queries = reader.integer("queries", in: 1...10_000_000, default: 1) }
    if reader.has("metric") { choice.metric = reader.choice("metric", default: DatasetMetric.l2) }
    return choice
  }
}
