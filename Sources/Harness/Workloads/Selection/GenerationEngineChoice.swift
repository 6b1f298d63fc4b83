package import Experiments
package import Generation
internal import YAML

/// One way to generate: a model on the engine of the stack, that engine over a simulated device, or an adapter.
package struct GenerationEngineChoice: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    /// A name of the model catalogue, or a path.
    case inTree(model: String)
    /// The stack's scheduler in virtual time, on a device that is only reckoned with.
    case simulated(SimulatedSpecification)
    /// Another process that runs `model`; `command` and `timeout` only where the spec gives them: seconds that loading or a
    /// pass may take.
    case adapter(name: String, model: String, command: [String]? = nil, timeout: Double? = nil)
  }

  package var source: Source
  /// Of an adapter by its own names, and of a simulation.
  package var parameters: ParameterPoint
  /// What ids and tables call the model; nil for its own name.
  package var alias: String?
  /// Instead of the section's.
  package var threads: [Int]?

  package init(
    source: Source, parameters: ParameterPoint = ParameterPoint(), alias: String? = nil, threads: [Int]? = nil
  ) {
    self.source = source
    self.parameters = parameters
    self.alias = alias
    self.threads = threads
  }

  /// "ragmeter", "simulation", or the adapter's name.
  package var engine: String {
    switch source {
    case .inTree: "ragmeter"
    case .simulated: "simulation"
    case .adapter(let name, _, _, _): name
    }
  }

  /// Name or path of the model.
  package var model: String {
    switch source {
    case .inTree(let model), .adapter(_, let model, _, _): model
    case .simulated(let specification): specification.model.name
    }
  }

  package var isSimulated: Bool { simulation != nil }

  /// What is reckoned with; nil for what is really there.
  package var simulation: SimulatedSpecification? {
    if case .simulated(let specification) = source { specification } else { nil }
  }

  package var isAdapter: Bool {
    if case .adapter = source { true } else { false }
  }

  private var modelName: String { alias ?? model.split(separator: "/").last.map(String.init) ?? model }

  /// The parts of a case's id: "smollm2-135m"; "llama-13b", "device=a100-40gb"; "vllm", "smollm2-135m", "block_size=32".
  package var idParts: [String] {
    let parameters = parameters.entries.isEmpty ? [] : [parameters.idPart]
    return (isAdapter ? [engine, modelName] : [modelName]) + parameters
  }

  /// Engine, model, and the parameters by name.
  package var labels: [String: String] {
    parameters.dictionary.merging(["engine": engine, "model": modelName]) { $1 }
  }

  /// The entries of a section's `models` and `adapters`, at least one of both together; mistakes are reported.
  ///
  /// A model is a word such as `smollm2-135m` or `"llama-13b:device=a100-40gb"`, or a mapping `model:` with `device:` and
  /// what else `SimulatedSpecification` knows, and `as:`. An adapter is a mapping `adapter:`, `model:`, and optionally `as:`, `threads:`, `command:`, `timeout:`; what stands
  /// beside these are parameters, all combinations of which are used.
  package static func read(_ section: SpecReader) -> [GenerationEngineChoice] {
    let models =
      section.has("models")
      ? StageGrid.read(section, key: "models", noun: "model", example: "[smollm2-135m]")
        .flatMap(readModel) : []
    let adapters = section.elements("adapters").flatMap(readAdapter)
    if !section.has("models"), !section.has("adapters") {
      section.report("says neither 'models', such as [smollm2-135m], nor 'adapters'")
    }
    return models + adapters
  }

  private static func readModel(_ grid: StageGrid) -> [GenerationEngineChoice] {
    guard grid.parameters.axes.contains(where: { $0.name == "device" }) else {
      for axis in grid.parameters.axes {
        grid.element.report("a model has no parameter '\(axis.name)'; with a 'device' it is simulated there")
      }
      return [GenerationEngineChoice(source: .inTree(model: grid.kind), alias: grid.alias)]
    }
    return grid.parameters.points.compactMap { point in
      do {
        let specification = try SimulatedSpecification(parsing: "\(grid.kind):\(point.label)")
        return GenerationEngineChoice(source: .simulated(specification), parameters: point, alias: grid.alias)
      } catch {
        grid.element.report("\(error)")
        return nil
      }
    }
  }

  private static func readAdapter(_ element: SpecElement) -> [GenerationEngineChoice] {
    let entry = AdapterEntry(element, keys: ["as", "threads"], example: ("llamacpp", "smollm2-135m"))
    guard element.node.mapping != nil else { return [] }
    let reader = element.reader
    let alias = reader.optionalText("as")
    if alias?.contains("/") ?? false { reader.report("as", "stands in the ids of cases, so it has no '/'") }
    let threads = reader.has("threads") ? GenerateSection.threads(reader) : nil
    guard let entry else { return [] }
    return entry.points.map { point in
      GenerationEngineChoice(
        source: .adapter(name: entry.name, model: entry.model, command: entry.command, timeout: entry.timeout),
        parameters: point, alias: alias, threads: threads)
    }
  }
}
