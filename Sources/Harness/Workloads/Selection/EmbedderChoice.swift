package import Embedders
package import Experiments
internal import YAML

/// One embedder with its parameters: a point of the grids in a section's `embedders`.
package struct EmbedderChoice: Sendable, Hashable {
  package var kind: String
  package var parameters: ParameterPoint
  /// What ids and tables call it; nil for the kind, of a path its last part.
  package var alias: String?

  package init(kind: String, parameters: ParameterPoint = ParameterPoint(), alias: String? = nil) {
    self.kind = kind
    self.parameters = parameters
    self.alias = alias
  }

  package var specification: EmbedderSpecification {
    EmbedderSpecification(kind: kind, parameters: parameters.dictionary)
  }

  package var name: String { alias ?? kind.split(separator: "/").last.map(String.init) ?? kind }

  /// The parts of a case's id: "minilm", "precision=fast".
  package var idParts: [String] { [name] + (parameters.entries.isEmpty ? [] : [parameters.idPart]) }

  /// Embedder, and its parameters by name.
  package var labels: [String: String] { parameters.dictionary.merging(["embedder": name]) { $1 } }

  /// The entries of a section's `embedders`: `minilm`, `"minilm:precision=f32|fast"`, a model's folder, or a mapping
  /// `embedder:` with parameters beside it, all combinations of which are used, and `as:`.
  package static func read(_ section: SpecReader) -> [EmbedderChoice] {
    StageGrid.read(section, key: "embedders", noun: "embedder", example: "[hashing, \"minilm:precision=f32|fast\"]")
      .flatMap { grid in
        grid.parameters.points.map { EmbedderChoice(kind: grid.kind, parameters: $0, alias: grid.alias) }
      }
  }
}
