package import Experiments

/// One server that is put under load: ours, started for it; another, started by a command; or one that is there already.
package struct ServerChoice: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    /// `ragmeter serve` with these options.
    case own(options: [String])
    /// A command that stays in the foreground, and the path that answers 200 when it is ready; `{port}` in the command and in
    /// `url` stands for a free port.
    case command([String], ready: String)
    case remote
  }

  package var source: Source
  /// Where it answers; empty for our own, which says so itself.
  package var url: String
  /// Whose habits it has: a name of `ServerProfile.presets`.
  package var preset: String?
  /// `nil`: the one that it says it has.
  package var model: String?
  /// Whose tokenizer counts and makes prompts for it, where that is not the model's: a name of the catalogue, or a path.
  package var tokenizer: String?
  /// The environment variable that holds its key.
  package var keyVariable: String?
  /// What ids and tables call it.
  package var name: String
  /// Of ours, as the spec writes them.
  package var parameters: ParameterPoint
  /// Seconds that it may take until it answers.
  package var startSeconds: Double

  package init(
    source: Source, url: String = "", preset: String? = nil, model: String? = nil,
    tokenizer: String? = nil, keyVariable: String? = nil, name: String, parameters: ParameterPoint = ParameterPoint(),
    startSeconds: Double = ServerChoice.usualStart
  ) {
    self.source = source
    self.url = url
    self.preset = preset
    self.model = model
    self.tokenizer = tokenizer
    self.keyVariable = keyVariable
    self.name = name
    self.parameters = parameters
    self.startSeconds = startSeconds
  }

  /// Seconds; vLLM on a CPU takes up to 100 until it answers.
  package static let usualStart = 300.0

  package var isOwn: Bool {
    if case .own = source { true } else { false }
  }

  /// Whether it runs only while it is measured.
  package var isStarted: Bool { source != .remote }

  private var modelName: String? { model.map { $0.split(separator: "/").last.map(String.init) ?? $0 } }

  /// The parts of a case's id: "ragmeter", "smollm2-135m", "kv_policy=paged,kv_memory=64MiB".
  package var idParts: [String] {
    [name] + (modelName.map { [$0] } ?? []) + (parameters.entries.isEmpty ? [] : [parameters.idPart])
  }

  /// Server, model, and parameters by name.
  package var labels: [String: String] {
    var labels = parameters.dictionary
    labels["engine"] = name
    if let modelName { labels["model"] = modelName }
    return labels
  }
}
