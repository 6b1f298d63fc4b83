internal import Experiments
internal import YAML

/// An entry of a section's `adapters`: the process, the model that it runs, and every combination of its parameters.
///
/// A mapping `adapter:`, `model:`, and optionally `command:` and `timeout:`, seconds that loading or a pass may take; what
/// stands beside these and the section's own keys are parameters by the adapter's names.
struct AdapterEntry {
  let name: String
  let model: String
  let command: [String]?
  let timeout: Double?
  let points: [ParameterPoint]

  /// Reads an entry; mistakes are reported.
  ///
  /// - Parameters:
  ///   - keys: what the section reads of the entry itself.
  ///   - example: an adapter and a model that would do.
  init?(_ element: SpecElement, keys: [String], example: (adapter: String, model: String)) {
    guard let entries = element.node.mapping else {
      element.report(
        "must be a mapping such as {adapter: \(example.adapter), model: \(example.model)}, not \(element.node.kind)")
      return nil
    }
    let reader = element.reader
    let name = reader.optionalText("adapter")
    if !reader.has("adapter") { reader.report("says no 'adapter'") }
    let model = reader.optionalText("model")
    if !reader.has("model") { reader.report("says no 'model' that the adapter runs, such as \(example.model)") }
    let command = reader.elements("command").compactMap(\.node.string)
    timeout = reader.has("timeout") ? reader.number("timeout", in: 0.1...1e6, default: 1) : nil
    let known = keys + ["adapter", "model", "command", "timeout"]
    let axes = entries.filter { !known.contains($0.key) }.compactMap { entry in
      GridAxis(entry.key, entry.value, path: "\(element.path).\(entry.key)", problems: element.problems)
    }
    guard let name, let model else { return nil }
    self.name = name
    self.model = model
    self.command = command.isEmpty ? nil : command
    points = ParameterGrid(axes: axes).points
  }
}
