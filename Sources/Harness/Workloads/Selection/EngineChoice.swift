package import Experiments

/// One engine with one set of build parameters, and the search parameters to ask it with.
package struct EngineChoice: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    /// An index of the stack.
    case inTree(kind: String)
    /// Another process; `command` and `timeout` only where the spec gives them: seconds that a build or a pass may take.
    case adapter(name: String, command: [String]? = nil, timeout: Double? = nil)
  }

  package var source: Source
  package var build: ParameterPoint
  /// At least one, without entries where nothing is turned.
  package var searches: [ParameterPoint]

  package init(source: Source, build: ParameterPoint, searches: [ParameterPoint]) {
    self.source = source
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

  /// The parts of a case's id for this engine: "hnsw", "m=16,ef_construction=200".
  package var idParts: [String] {
    let name =
      switch source {
      case .inTree(let kind): kind
      case .adapter(let name, _, _): name
      }
    return [name] + (build.entries.isEmpty ? [] : [build.label])
  }

  /// Engine, index, and the build parameters that are not said by these.
  package var labels: [String: String] {
    build.dictionary.filter { $0.key != "factory" }.merging(["engine": engine, "index": index]) { $1 }
  }
}
