package import Experiments
package import Generation

/// What answers: a model on the engine of the stack, in this process; a server's; or a whole remote system that retrieves too.
package struct GeneratorChoice: Sendable, Hashable {
  package enum Source: Sendable, Hashable {
    /// A name of the model catalogue, or a path.
    case model(String, EngineOptions)
    case server(Server)
    /// A system that searches and answers, by its kind, with the model that it is to answer with.
    case agent(kind: String, url: String?, model: String?)
  }

  /// A model behind an OpenAI-compatible server.
  package struct Server: Sendable, Hashable {
    package var url: String?
    /// Whose habits it has: a name of `ServerProfile.presets`.
    package var preset: String?
    package var model: String?
    /// The environment variable that holds its key.
    package var keyVariable: String?
    /// A model here whose tokenizer and chat template tell how long prompts are; nil: nobody here knows.
    package var tokenizer: String?
    /// Tokens of prompt and output together, where a tokenizer is given.
    package var contextLength: Int?

    package init(
      url: String? = nil, preset: String? = nil, model: String? = nil, keyVariable: String? = nil,
      tokenizer: String? = nil, contextLength: Int? = nil
    ) {
      self.url = url
      self.preset = preset
      self.model = model
      self.keyVariable = keyVariable
      self.tokenizer = tokenizer
      self.contextLength = contextLength
    }
  }

  package var source: Source
  /// As the spec writes them.
  package var parameters: ParameterPoint
  /// What ids and tables call the model; nil for its own name.
  package var alias: String?

  package init(source: Source, parameters: ParameterPoint = ParameterPoint(), alias: String? = nil) {
    self.source = source
    self.parameters = parameters
    self.alias = alias
  }

  package var isAgent: Bool {
    if case .agent = source { true } else { false }
  }

  /// "ragmeter", the server's preset or place, or the agent's kind.
  package var name: String {
    switch source {
    case .model: "ragmeter"
    case .server(let server): server.preset ?? server.url.map(Self.host) ?? "server"
    case .agent(let kind, _, _): kind
    }
  }

  private var modelName: String? {
    let model: String? =
      switch source {
      case .model(let model, _): model
      case .server(let server): server.model
      case .agent(_, _, let model): model
      }
    return alias ?? model.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
  }

  /// The parts of a case's id: "smollm2-135m", "kv_policy=paged"; "vllm", "smollm2-135m"; "agent=llama-stack".
  package var idParts: [String] {
    let place: [String] =
      switch source {
      case .model: []
      case .server: [name]
      case .agent: ["agent=\(name)"]
      }
    return place + (modelName.map { [$0.replacing("/", with: "|")] } ?? [])
      + (parameters.entries.isEmpty ? [] : [parameters.idPart])
  }

  /// Generator, model, and parameters by name.
  package var labels: [String: String] {
    var labels = parameters.dictionary
    labels["generator"] = isAgent ? "\(name) agent" : name
    if let modelName { labels["model"] = modelName }
    return labels
  }

  /// "127.0.0.1:8000" of "http://127.0.0.1:8000/v1".
  private static func host(_ url: String) -> String {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    return String(rest.prefix { $0 != "/" })
  }
}
