package import Experiments
internal import Spelling
internal import VectorIndexes
internal import YAML

/// An entry of `indexes`: `hnsw`, `"ivf:nlist=64,nprobe=1|4"`, or a mapping `index:` or `adapter:` with `build:` and
/// `search:` grids.
package struct IndexChoice: Sendable, Equatable {
  package var source: EngineChoice.Source
  package var build: ParameterGrid
  package var search: ParameterGrid

  /// What outside engines turn at search time. In the one-word form these go to the search grid and all others to the
  /// build; for an index of the stack, the index knows.
  static let searchNames: Set<String> = [
    "ef", "efSearch", "ef_search", "expansion_search", "k_factor", "k_factor_rf", "nprobe", "prefetch_lookahead",
    "prefetch_step", "rerank", "search_buffer_capacity", "search_buffer_visited_set", "search_window_size",
  ]

  /// One engine a build point.
  package var engines: [EngineChoice] {
    build.points.map { EngineChoice(source: source, build: $0, searches: search.points) }
  }

  package init(source: EngineChoice.Source, build: ParameterGrid, search: ParameterGrid) {
    self.source = source
    self.build = build
    self.search = search
  }

  package init(argument: IndexArgument) {
    source = argument.isAdapter ? .adapter(name: argument.kind) : .inTree(kind: argument.kind)
    let own = argument.isAdapter ? nil : try? IndexFactory.parameterNames(argument.kind)
    let isSearch = { (axis: GridAxis) in
      own.map { $0.search.contains(axis.name) } ?? Self.searchNames.contains(axis.name)
    }
    build = ParameterGrid(axes: argument.parameters.filter { !isSearch($0) })
    search = ParameterGrid(axes: argument.parameters.filter(isSearch))
  }

  /// The entries of a section's `indexes`, at least one; mistakes are reported.
  ///
  /// - Parameter others: kinds without parameters that the stack does not have and the section takes all the same.
  package static func read(_ section: SpecReader, others: Set<String> = []) -> [IndexChoice] {
    let elements = section.elements("indexes")
    if elements.isEmpty {
      section.report("says no 'indexes', such as [flat, \"hnsw:m=16,ef=10|40\"]")
    }
    return elements.compactMap { read($0, others) }
  }

  private static func read(_ element: SpecElement, _ others: Set<String>) -> IndexChoice? {
    guard element.node.mapping != nil else { return readWord(element, others) }
    let reader = element.reader
    let kind = reader.optionalText("index")
    let adapter = reader.optionalText("adapter")
    let command = reader.elements("command").compactMap(\.node.string)
    let timeout = reader.has("timeout") ? reader.number("timeout", in: 0.1...1e6, default: 1) : nil
    let build = reader.mapping("build").map { ParameterGrid($0) } ?? ParameterGrid()
    let search = reader.mapping("search").map { ParameterGrid($0) } ?? ParameterGrid()
    reader.finish()
    switch (kind, adapter) {
    case (let kind?, nil):
      if !command.isEmpty { reader.report("command", "only an 'adapter' has a command") }
      if timeout != nil { reader.report("timeout", "only an 'adapter' has a timeout") }
      let choice = IndexChoice(source: .inTree(kind: kind), build: build, search: search)
      choice.check(others) { key, reason in reader.report(key ?? "index", reason) }
      return choice
    case (nil, let adapter?):
      return IndexChoice(
        source: .adapter(name: adapter, command: command.isEmpty ? nil : command, timeout: timeout), build: build,
        search: search)
    case (nil, nil), (_?, _?):
      reader.report("needs either an 'index' of the stack or an 'adapter'")
      return nil
    }
  }

  private static func readWord(_ element: SpecElement, _ others: Set<String>) -> IndexChoice? {
    guard let word = element.node.string else {
      element.report("must be an index such as hnsw:m=16,ef=40, or a mapping, not \(element.node.kind)")
      return nil
    }
    do {
      let choice = IndexChoice(argument: try IndexArgument(word))
      choice.check(others) { _, reason in element.report(reason) }
      return choice
    } catch {
      element.report(error.reason)
      return nil
    }
  }

  /// Reports a kind that the stack does not have, and names that the kind does not know.
  private func check(_ others: Set<String>, report: (_ key: String?, _ reason: String) -> Void) {
    guard case .inTree(let kind) = source else { return }
    if others.contains(kind), build.axes.isEmpty, search.axes.isEmpty { return }
    guard let known = try? IndexFactory.parameterNames(kind) else {
      return report(nil, "unknown index '\(kind)'; \(Spelling.hint(for: kind, among: IndexFactory.kinds))")
    }
    for (key, grid, names) in [("build", build, known.build), ("search", search, known.search)] {
      for axis in grid.axes {
        if axis.name == "threads" {
          report(key, "the threads of a build are said in the section, not in the index")
        } else if !names.contains(axis.name) {
          let names = names.filter { $0 != "threads" }
          let hint = names.isEmpty ? "it has none" : Spelling.hint(for: axis.name, among: names)
          report(key, "\(kind) has no \(key) parameter '\(axis.name)'; \(hint)")
        }
      }
    }
  }
}
