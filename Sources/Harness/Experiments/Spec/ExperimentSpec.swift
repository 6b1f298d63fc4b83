package import YAML

/// An experiment as its file and the command line state it: the target, `--quick` and `--set` applied, sections not yet read.
///
/// What is wrong with it so far is in `problems`; a plan adds what is wrong in the sections and throws all of it.
package struct ExperimentSpec {
  package var name: String
  package var description: String
  package var seed: UInt64
  package var sections: [ExperimentSection]
  /// What is measured, in one fixed form; part of the workload's hash.
  package var canonicalText: String
  package let problems: SpecProblems

  static let topKeys = ["name", "description", "seed", "experiments", "quick", "target", "targets"]

  /// Reads a file.
  ///
  /// - Throws: `SpecError` for a file that cannot be read as YAML.
  package static func load(
    path: String, overrides: [SpecOverride] = [], quick: Bool = false
  ) throws(SpecError) -> ExperimentSpec {
    let root: YAMLNode
    do {
      root = try YAMLNode.load(path: path)
    } catch {
      throw SpecError([SpecProblem(place: error.place, key: "", reason: error.reason)])
    }
    return ExperimentSpec(root, overrides: overrides, quick: quick)
  }

  /// Over every section is laid what `targets` has under the name that `target` says, the top's before the section's own; then,
  /// for a quick run, `quick` likewise; overrides come last, but for those of the target, which come first.
  package init(_ document: YAMLNode, overrides: [SpecOverride] = [], quick: Bool = false) {
    problems = SpecProblems()
    var root = document
    for override in overrides where override.choosesTarget { override.apply(to: &root, problems: problems) }
    SectionOverlay.target(problems).apply(to: &root)
    SectionOverlay.quick(quick, problems).apply(to: &root)
    for override in overrides where !override.choosesTarget { override.apply(to: &root, problems: problems) }

    let top = SpecReader(root, path: "", problems: problems)
    name = top.text("name", default: "experiment")
    description = top.text("description", default: "")
    seed = UInt64(top.integer("seed", in: 0...Int.max, default: 42))
    for key in ["quick", "target", "targets"] { top.allow(key) }
    let elements = top.elements("experiments")
    if elements.isEmpty { top.report("experiments", "nothing to measure; list at least one section with a 'workload'") }
    sections = elements.compactMap(ExperimentSection.init)
    top.finish()
    canonicalText =
      YAMLNode(
        .mapping([
          YAMLEntry(key: "experiments", keyPlace: root.place, value: root["experiments"] ?? root)
        ]), at: root.place
      ).canonicalText
  }
}

/// One section of an experiment: a workload and the keys that it reads.
package struct ExperimentSection: Sendable {
  /// Begins the id of every case; the workload's name unless the section says otherwise.
  package var name: String
  package var workload: String
  package var node: YAMLNode
  package var path: String

  init?(_ element: SpecElement) {
    let reader = element.reader
    guard element.node.mapping != nil else { return nil }
    guard let workload = reader.optionalText("workload") else {
      if !reader.has("workload") { reader.report("says no 'workload', such as insert or search") }
      return nil
    }
    self.workload = workload
    name = reader.text("name", default: workload)
    node = element.node.without("workload").without("name")
    path = element.path
  }
}
