package import Experiments
internal import Spelling
package import VectorStores
internal import YAML

/// A store with its settings: a point of the grids in a section's `stores`.
///
/// Other than `StoreChoice`, which says whether an index of the stack is measured inside the embedded store or bare.
package struct VectorStoreChoice: Sendable, Hashable {
  package var kind: String
  package var parameters: ParameterPoint
  /// What ids and tables call it; nil for the kind.
  package var alias: String?

  package init(kind: String, parameters: ParameterPoint = ParameterPoint(), alias: String? = nil) {
    self.kind = kind
    self.parameters = parameters
    self.alias = alias
  }

  /// Parameters that say where a store is. They are no part of ids and labels, for they change with the machine.
  private static let places: Set<String> = [
    "url", "admin", "path", "database", "extension", "command", "folder", "python",
  ]

  package static let embedded = VectorStoreChoice(kind: "embedded")

  package var specification: StoreSpecification {
    StoreSpecification(kind: kind, parameters: parameters.dictionary)
  }

  package var name: String { alias ?? kind }

  /// What is turned beside where the store is.
  private var settings: ParameterPoint { ParameterPoint(parameters.entries.filter { !Self.places.contains($0.name) }) }

  /// The parts of a case's id: "milvus", "consistency=Strong".
  package var idParts: [String] { [name] + (settings.entries.isEmpty ? [] : [settings.idPart]) }

  /// Store, and its settings by name; of its parameters those that say where it is are left out.
  package var labels: [String: String] { settings.dictionary.merging(["store": name]) { $1 } }

  /// The entries of a section's `stores`: `embedded`, `docs.store`, `"milvus:url=http://127.0.0.1:19530"`, or a mapping `store:`
  /// with parameters beside it, all combinations of which are used, and `as:`. The embedded store alone where the section
  /// names none. Mistakes are reported.
  package static func read(_ section: SpecReader) -> [VectorStoreChoice] {
    guard section.has("stores") else { return [.embedded] }
    var known: Set<[String]> = []
    return StageGrid.read(section, key: "stores", noun: "store", example: "[embedded, milvus]").flatMap { grid in
      let choices = choices(grid)
      for choice in choices where !known.insert(choice.idParts).inserted {
        grid.element.report("is called \(choice.idParts.joined(separator: " ")) like another store; name it with 'as:'")
      }
      return choices
    }
  }

  private static func choices(_ grid: StageGrid) -> [VectorStoreChoice] {
    if StoreFactory.kinds.contains(grid.kind) {
      return grid.parameters.points.map { VectorStoreChoice(kind: grid.kind, parameters: $0, alias: grid.alias) }
    }
    guard grid.kind.contains("/") || grid.kind.hasSuffix(".store"), grid.parameters.axes.isEmpty else {
      grid.element.report(
        "no store is called '\(grid.kind)'; \(Spelling.hint(for: grid.kind, among: StoreFactory.kinds))")
      return []
    }
    return ParameterGrid(axes: [GridAxis(name: "path", values: [grid.kind])]).points.map {
      VectorStoreChoice(kind: embedded.kind, parameters: $0, alias: grid.alias)
    }
  }
}
