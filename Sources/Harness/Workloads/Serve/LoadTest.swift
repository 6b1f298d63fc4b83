package import Experiments
internal import YAML

/// A server under loads without a spec file: what `ragmeter load` is asked for, as the experiment it stands for.
package struct LoadTest: Sendable {
  /// A key of the section, or of its `servers`, its `load`, …, with what an option says of it.
  package struct Setting: Sendable {
    package var key: String
    /// As YAML: a number, a word, or a list of them between commas where the key takes several.
    package var text: String
    package var option: String

    package init(_ key: String, _ text: String, option: String) {
      self.key = key
      self.text = text
      self.option = option
    }
  }

  /// Keys of its one server: `url`, `preset`, ….
  package var server: [Setting] = []
  /// Keys of each load: one entry of `load` for each that is put.
  package var loads: [[Setting]] = []
  package var prompts: [String] = []
  /// Keys of the section itself.
  package var section: [Setting] = []
  /// Mappings of the section by their key: `slo`, `timeouts`, `prefix`, `sessions`.
  package var mappings: [(key: String, settings: [Setting])] = []
  /// Keys whose text is a list between commas.
  private static let lists: Set = ["concurrency", "rate", "n", "kv_ceiling"]
  /// What prompts are where none are asked for: as `vllm bench serve` has them in many reports.
  package static let usualPrompts = "lengths:prompt=128,output=128"

  package init() {}

  package func experiment(seed: UInt64) -> ExperimentSpec {
    let nodes = SpecNodes(verb: "load")
    func entry(_ setting: Setting) -> YAMLEntry {
      let value =
        Self.lists.contains(setting.key)
        ? nodes.list(setting.text, option: setting.option) : nodes.value(setting.text, option: setting.option)
      return nodes.entry(setting.key, value)
    }
    func mapping(_ settings: [Setting]) -> YAMLNode { nodes.mapping(settings.map(entry)) }
    let sources =
      prompts.isEmpty && !loads.allSatisfy({ $0.contains { $0.key == "trace" } }) ? [Self.usualPrompts] : prompts
    var entries = [
      nodes.entry("workload", nodes.word(ServeSection.kind)),
      nodes.entry("servers", nodes.list([mapping(server)])),
      nodes.entry("load", nodes.list(loads.map(loadNode))),
    ]
    if !sources.isEmpty {
      entries.append(nodes.entry("prompts", nodes.list(sources.map { nodes.word($0, option: "--prompts") })))
    }
    entries += section.map(entry) + mappings.map { nodes.entry($0.key, mapping($0.settings)) }
    func loadNode(_ settings: [Setting]) -> YAMLNode {
      // What a ramp or a sweep says of itself stands in a mapping of its own.
      guard let kind = settings.first, ["ramp", "sweep"].contains(kind.key) else { return mapping(settings) }
      return nodes.mapping([nodes.entry(kind.key, mapping(Array(settings.dropFirst())))])
    }
    return ExperimentSpec(
      nodes.mapping([
        nodes.entry("name", nodes.word("load")), nodes.entry("seed", nodes.number(Int(seed))),
        nodes.entry("experiments", nodes.list([nodes.mapping(entries)])),
      ]))
  }
}
