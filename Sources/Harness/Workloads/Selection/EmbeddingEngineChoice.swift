package import Experiments
internal import YAML

/// One way to embed: an embedder of the stack with its parameters, or an adapter with its own.
package struct EmbeddingEngineChoice: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    case inTree(EmbedderChoice)
    /// Another process that runs `model`; `command` and `timeout` only where the spec gives them: seconds that loading or a
    /// pass may take.
    case adapter(name: String, model: String, command: [String]? = nil, timeout: Double? = nil)
  }

  package var source: Source
  /// Of an adapter, by its own names; those of an embedder are its own.
  package var parameters: ParameterPoint
  /// Instead of the section's.
  package var threads: [Int]?
  package var batches: [Int]?

  package init(
    source: Source, parameters: ParameterPoint = ParameterPoint(), threads: [Int]? = nil, batches: [Int]? = nil
  ) {
    self.source = source
    self.parameters = parameters
    self.threads = threads
    self.batches = batches
  }

  /// "ragmeter", or the adapter's name.
  package var engine: String {
    switch source {
    case .inTree: "ragmeter"
    case .adapter(let name, _, _, _): name
    }
  }

  /// Name or path of the model: the embedder of the stack that gives an adapter its tokens, and its float32 the reference.
  package var model: String {
    switch source {
    case .inTree(let choice): choice.kind
    case .adapter(_, let model, _, _): model
    }
  }

  /// The parts of a case's id: "minilm", "precision=bf16"; of an adapter "openvino", "minilm", "precision=bf16".
  package var idParts: [String] {
    switch source {
    case .inTree(let choice): choice.idParts
    case .adapter(let name, _, _, _):
      [name, modelName] + (parameters.entries.isEmpty ? [] : [parameters.idPart])
    }
  }

  /// Engine, embedder, and the parameters by name.
  package var labels: [String: String] {
    switch source {
    case .inTree(let choice): choice.labels.merging(["engine": engine]) { $1 }
    case .adapter: parameters.dictionary.merging(["engine": engine, "embedder": modelName]) { $1 }
    }
  }

  private var modelName: String { model.split(separator: "/").last.map(String.init) ?? model }

  /// The entries of a section's `embedders` and `adapters`, at least one of both together; mistakes are reported.
  ///
  /// An adapter is a mapping `adapter:`, `model:`, and optionally `threads:`, `batch:`, `command:`, `timeout:`; what stands
  /// beside these are parameters, all combinations of which are used.
  package static func read(_ section: SpecReader) -> [EmbeddingEngineChoice] {
    let embedders = section.has("embedders") ? EmbedderChoice.read(section) : []
    let adapters = section.elements("adapters").flatMap(readAdapter)
    if !section.has("embedders"), !section.has("adapters") {
      section.report("says neither 'embedders', such as [minilm], nor 'adapters'")
    }
    return embedders.map { EmbeddingEngineChoice(source: .inTree($0)) } + adapters
  }

  private static func readAdapter(_ element: SpecElement) -> [EmbeddingEngineChoice] {
    let entry = AdapterEntry(element, keys: ["threads", "batch"], example: ("openvino", "minilm"))
    guard element.node.mapping != nil else { return [] }
    let reader = element.reader
    let threads = reader.has("threads") ? EmbedSection.threads(reader) : nil
    let batches = reader.has("batch") ? EmbedSection.batches(reader) : nil
    guard let entry else { return [] }
    return entry.points.map { point in
      EmbeddingEngineChoice(
        source: .adapter(name: entry.name, model: entry.model, command: entry.command, timeout: entry.timeout),
        parameters: point, threads: threads, batches: batches)
    }
  }
}
