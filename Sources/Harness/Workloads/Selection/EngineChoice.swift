package import Experiments
internal import Spelling
internal import YAML

/// One engine with one set of build parameters, and the search parameters to ask it with.
package struct EngineChoice: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    /// An index of the stack.
    case inTree(kind: String)
    /// Another process; `command` and `timeout` only where the spec gives them: seconds that a build or a pass may take.
    case adapter(name: String, command: [String]? = nil, timeout: Double? = nil)
  }

  package var source: Source
  /// Where an index of the stack keeps its vectors.
  package var store = StoreChoice.none
  package var build: ParameterPoint
  /// At least one, without entries where nothing is turned.
  package var searches: [ParameterPoint]

  package init(
    source: Source, store: StoreChoice = .none, build: ParameterPoint, searches: [ParameterPoint]
  ) {
    self.source = source
    self.store = store
    self.build = build
    self.searches = searches
  }

  /// "ragmeter", or the adapter's name.
  package var engine: String {
    switch source {
    case .inTree: "ragmeter"
    case .adapter(let name, _, _): name
    }
  }

  /// The kind, or what an adapter builds by its own name for it.
  package var index: String {
    switch source {
    case .inTree(let kind): kind
    case .adapter(let name, _, _): build["factory"] ?? name
    }
  }

  /// The engines of a section's `indexes`, each in every `store`; mistakes are reported.
  package static func read(_ section: SpecReader) -> [EngineChoice] {
    let engines = IndexChoice.read(section).flatMap(\.engines)
    guard section.has("store") else { return engines }
    var stores: [StoreChoice] = []
    for element in section.elements("store") {
      guard let word = element.node.string, let store = StoreChoice(rawValue: word) else {
        element.report(
          "\(element.node.kind) is no store; "
            + Spelling.hint(for: element.node.string ?? "", among: StoreChoice.allCases.map(\.rawValue)))
        continue
      }
      if !stores.contains(store) { stores.append(store) }
    }
    if stores.isEmpty { section.report("store", "an empty list; give at least one of none and embedded") }
    return engines.flatMap { engine in
      stores.compactMap { store in
        if store != .none, case .adapter(let name, _, _) = engine.source {
          // Beside "none" an adapter stands once, as it is; alone it has no row at all.
          if !stores.contains(.none) {
            section.report(
              "store", "\(name) is another engine and cannot live in a store; put it into a section without")
          }
          return nil
        }
        return EngineChoice(source: engine.source, store: store, build: engine.build, searches: engine.searches)
      }
    }
  }

  /// The parts of a case's id for this engine: "hnsw", "m=16,ef_construction=200"; a store stands before them.
  package var idParts: [String] {
    let name =
      switch source {
      case .inTree(let kind): kind
      case .adapter(let name, _, _): name
      }
    return (store == .none ? [] : ["store=\(store.rawValue)"]) + [name] + (build.entries.isEmpty ? [] : [build.label])
  }

  /// Engine, index, and the build parameters that are not said by these.
  package var labels: [String: String] {
    build.dictionary.filter { $0.key != "factory" }
      .merging(["engine": engine, "index": index]) { $1 }
      .merging(store == .none ? [:] : ["store": store.rawValue]) { $1 }
  }
}
