internal import Checksums
internal import Foundation
internal import Spelling
internal import YAML

/// An experiment with its data at hand and its cases laid out, before anything is measured.
package struct ExperimentPlan {
  package let spec: ExperimentSpec
  package let parts: [any WorkloadPlan]
  package var cases: [PlannedCase] { parts.flatMap(\.cases) }
  /// Bytes of the largest section; sections run one after the other.
  package var memory: Int { parts.map(\.memory).max() ?? 0 }

  /// Reads every section, then loads every section's data.
  ///
  /// - Throws: `SpecError` with every mistake of every section; then whatever a workload cannot plan.
  package init(_ spec: ExperimentSpec, workloads: [WorkloadKind]) throws {
    let problems = spec.problems
    let read = spec.sections.compactMap { section -> (any Workload)? in
      let reader = SpecReader(section.node, path: section.path, problems: problems)
      guard let kind = workloads.first(where: { $0.name == section.workload }) else {
        let hint = Spelling.hint(for: section.workload, among: workloads.map(\.name))
        problems.report(
          SpecProblem(
            place: section.node.place, key: "\(section.path).workload",
            reason: "unknown workload '\(section.workload)'; \(hint)"))
        return nil
      }
      let workload = kind.read(section, reader)
      reader.finish()
      return workload
    }
    try problems.check()
    self.spec = spec
    parts = try read.map { try $0.plan(seed: spec.seed) }
    var seen: Set<String> = []
    for (section, part) in zip(spec.sections, parts) {
      for planned in part.cases where !seen.insert(planned.id).inserted {
        problems.report(
          SpecProblem(
            place: section.node.place, key: section.path,
            reason: "plans the case \(planned.id) a second time; leave it out, or give the section a 'name' of its own")
        )
      }
    }
    try problems.check()
  }

  /// SHA-256 of what is measured: spec after overlays, content of the data, seed.
  package var workloadHash: String {
    var hash = SHA256()
    hash.update("ragmeter.workload/1\nseed \(spec.seed)\n\(spec.canonicalText)\n")
    for part in parts {
      for (name, content) in part.dataHashes.sorted(by: { $0.key < $1.key }) { hash.update("\(name) \(content)\n") }
    }
    return hash.hex()
  }

  /// The plan as it is printed before a run: cases by what is built for them, and the memory they need.
  package func summary(available: Int?) -> String {
    var groups: [(title: String, count: Int)] = []
    for planned in cases {
      let words = planned.id.split(separator: "/", omittingEmptySubsequences: false)
      let title = words.prefix(4).joined(separator: "/")
      if groups.last?.title == title {
        groups[groups.count - 1].count += 1
      } else {
        groups.append((title, 1))
      }
    }
    let of = available.map { " of \(Self.size($0))" } ?? ""
    let head =
      "\(spec.name): \(Self.count(cases.count, "case")), about \(Self.size(memory))\(of) memory, seed \(spec.seed)"
    return ([head] + groups.map { "  \($0.title)  \(Self.count($0.count, "case"))" }).joined(separator: "\n")
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  static func size(_ bytes: Int) -> String {
    bytes < 1 << 30
      ? String(format: "%.0f MiB", Double(bytes) / 0x1p20) : String(format: "%.1f GiB", Double(bytes) / 0x1p30)
  }
}
