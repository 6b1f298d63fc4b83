/// Short names that tell the built indexes of a run apart: "faiss HNSW16,Flat", "ragmeter hnsw m=32".
struct CurveNames {
  private struct Identity: Hashable {
    var engine: String
    var index: String
  }

  /// Build parameters that differ between builds of one engine's index.
  private var varying: [Identity: Set<String>] = [:]

  init(_ labels: [CaseLabels]) {
    for (identity, members) in Dictionary(grouping: labels, by: Self.identity) {
      let parameters = members.map { Set($0.build) }
      let all = parameters.reduce(Set()) { $0.union($1) }
      let common = parameters.dropFirst().reduce(parameters[0]) { $0.intersection($1) }
      varying[identity] = Set(all.subtracting(common).map(\.name))
    }
  }

  func name(_ labels: CaseLabels) -> String {
    let names = varying[Self.identity(labels)] ?? []
    let parameters = labels.build.filter { names.contains($0.name) }.map(\.text)
    let identity = labels.engine == labels.index ? [labels.engine] : [labels.engine, labels.index]
    return (identity.filter { !$0.isEmpty } + parameters).joined(separator: " ")
  }

  private static func identity(_ labels: CaseLabels) -> Identity {
    Identity(engine: labels.engine, index: labels.index)
  }
}
