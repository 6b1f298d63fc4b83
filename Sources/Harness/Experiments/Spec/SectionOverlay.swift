internal import Spelling
internal import YAML

/// Keys that are laid over the sections of an experiment where the user asks for it: the top's over every section, then each
/// section's own.
struct SectionOverlay {
  /// Where both the top and the sections keep them; no section is read with it.
  private let key: String
  /// What of the value under the key is laid over; nil for nothing.
  private let part: (_ root: YAMLNode, _ overlay: YAMLNode) -> YAMLNode?
  private let problems: SpecProblems

  /// What stands under `quick`, for a quick run.
  static func quick(_ chosen: Bool, _ problems: SpecProblems) -> SectionOverlay {
    SectionOverlay(key: "quick", part: { chosen ? $1 : nil }, problems: problems)
  }

  /// What stands in `targets` under the name that the top's `target` says.
  static func target(_ problems: SpecProblems) -> SectionOverlay {
    SectionOverlay(
      key: "targets", part: { root, targets in root["target"]?.string.flatMap { targets[$0] } }, problems: problems)
  }

  func apply(to root: inout YAMLNode) {
    checkTarget(root)
    guard case .mapping(var entries) = root.content,
      let index = entries.firstIndex(where: { $0.key == "experiments" })
    else { return }
    let document = root
    let general = document[key].flatMap { mapping($0) ? part(document, $0) : nil }
    func overlaid(_ section: YAMLNode) -> YAMLNode {
      let own = section[key].flatMap { mapping($0) ? part(document, $0) : nil }
      return [general, own].compactMap { $0 }.filter(mapping).reduce(section.without(key)) { $0.overlaid(by: $1) }
    }
    let value = entries[index].value
    entries[index].value =
      value.sequence.map { YAMLNode(.sequence($0.map(overlaid)), at: value.place) } ?? overlaid(value)
    root.content = .mapping(entries)
  }

  /// Reports what is none.
  private func mapping(_ node: YAMLNode) -> Bool {
    if node.mapping != nil { return true }
    problems.report(
      SpecProblem(place: node.place, key: key, reason: "must be a mapping of keys, not \(node.kind)"))
    return false
  }

  /// A target that nothing in the document has under its name would be measured as if it had not been said.
  private func checkTarget(_ root: YAMLNode) {
    guard key == "targets", let target = root["target"] else { return }
    let sections = root["experiments"]?.sequence ?? []
    let known = ([root] + sections).flatMap { $0[key]?.mapping?.map(\.key) ?? [] }
    guard let name = target.string, known.contains(name) else {
      let reason =
        known.isEmpty
        ? "the experiment has no 'targets' to choose from"
        : "no target is called '\(target.string ?? target.kind)'; \(Spelling.hint(for: target.string ?? "", among: Array(Set(known)).sorted()))"
      return problems.report(SpecProblem(place: target.place, key: "target", reason: reason))
    }
  }
}
