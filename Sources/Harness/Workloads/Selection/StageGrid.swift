internal import Experiments
internal import YAML

/// An entry of `chunkers` or `embedders`: one word, or a mapping of the kind and its parameters.
struct StageGrid {
  var kind: String
  var parameters: ParameterGrid
  /// What ids and tables call it; nil for the kind.
  var alias: String?
  let element: SpecElement

  /// The entries below `key`, at least one; mistakes are reported.
  ///
  /// - Parameters:
  ///   - noun: the key of the kind in a mapping, "chunker" say.
  ///   - example: of such a list, for the error.
  static func read(_ section: SpecReader, key: String, noun: String, example: String) -> [StageGrid] {
    let elements = section.elements(key)
    if elements.isEmpty { section.report("says no '\(key)', such as \(example)") }
    return elements.compactMap { read($0, noun: noun) }
  }

  private static func read(_ element: SpecElement, noun: String) -> StageGrid? {
    guard let entries = element.node.mapping else { return readWord(element, noun: noun) }
    let reader = element.reader
    let alias = reader.optionalText("as")
    if alias?.contains("/") ?? false { reader.report("as", "stands in the ids of cases, so it has no '/'") }
    guard let kind = reader.optionalText(noun) else {
      if !reader.has(noun) { reader.report("says no '\(noun)'") }
      return nil
    }
    let axes = entries.filter { $0.key != noun && $0.key != "as" }.compactMap { entry in
      GridAxis(entry.key, entry.value, path: "\(element.path).\(entry.key)", problems: element.problems)
    }
    return StageGrid(kind: kind, parameters: ParameterGrid(axes: axes), alias: alias, element: element)
  }

  private static func readWord(_ element: SpecElement, noun: String) -> StageGrid? {
    guard let word = element.node.string else {
      element.report("must be \(noun == "embedder" ? "an" : "a") \(noun), or a mapping, not \(element.node.kind)")
      return nil
    }
    do {
      let grid = try GridWord(word, noun: noun)
      return StageGrid(
        kind: grid.kind, parameters: ParameterGrid(axes: grid.parameters), alias: nil, element: element)
    } catch {
      element.report(error.reason)
      return nil
    }
  }
}

extension ParameterPoint {
  /// As a part of a case's id: on one line, and without the stroke that parts ids.
  var idPart: String {
    label.replacing("\n", with: "\\n").replacing("\t", with: "\\t").replacing("/", with: "|")
  }
}
