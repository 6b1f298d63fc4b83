package import Documents
package import Experiments
internal import YAML

/// One chunker with its parameters: a point of the grids in a section's `chunkers`.
package struct ChunkerChoice: Sendable, Hashable {
  package var kind: String
  package var parameters: ParameterPoint

  package init(kind: String, parameters: ParameterPoint = ParameterPoint()) {
    self.kind = kind
    self.parameters = parameters
  }

  package var specification: ChunkerSpecification {
    ChunkerSpecification(kind: kind, parameters: parameters.dictionary)
  }

  /// The parts of a case's id: "recursive", "size=512,overlap=51".
  package var idParts: [String] { [kind] + (parameters.entries.isEmpty ? [] : [parameters.idPart]) }

  /// Chunker, and its parameters by name.
  package var labels: [String: String] { parameters.dictionary.merging(["chunker": kind]) { $1 } }

  /// The entries of a section's `chunkers`: `whole`, `"recursive:size=256|512,overlap=10%"`, or a mapping `chunker:` with
  /// parameters beside it, all combinations of which are used. An overlap in per cent is of the size, rounded down.
  package static func read(_ section: SpecReader) -> [ChunkerChoice] {
    StageGrid.read(section, key: "chunkers", noun: "chunker", example: "[whole, \"recursive:size=512,overlap=10%\"]")
      .flatMap { grid in
        if grid.alias != nil { grid.element.report("a chunker goes by its kind and parameters; leave 'as' out") }
        let choices = grid.parameters.points.map {
          ChunkerChoice(kind: grid.kind, parameters: resolved($0, grid.element))
        }
        if let mistake = choices.lazy.compactMap(\.mistake).first { grid.element.report(mistake) }
        return choices
      }
  }

  /// What is wrong with the kind or a parameter, as far as it can be told without a tokenizer.
  private var mistake: String? {
    do {
      _ = try ChunkerFactory.make(specification) { _ in throw CancellationError() }
      return nil
    } catch let error as ChunkerError {
      return error.description
    } catch {
      return nil
    }
  }

  private static func resolved(_ point: ParameterPoint, _ element: SpecElement) -> ParameterPoint {
    guard let place = point.entries.firstIndex(where: { $0.name == "overlap" && $0.value.hasSuffix("%") }) else {
      return point
    }
    let text = point.entries[place].value
    guard let share = Double(text.dropLast()), (0..<100).contains(share) else {
      element.report("overlap must be a number or a share from 0% to below 100%, not '\(text)'")
      return point
    }
    guard let size = point["size"].flatMap(Int.init) else {
      element.report("an overlap in per cent needs a 'size' that it is of")
      return point
    }
    var point = point
    point.entries[place].value = "\(Int(Double(size) * share / 100))"
    return point
  }
}
