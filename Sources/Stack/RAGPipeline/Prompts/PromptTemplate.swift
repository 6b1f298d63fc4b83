internal import Spelling

/// What the model is told, with places for the passages and the question.
///
/// `{{context}}` and `{{question}}` stand in `system` or `user`; `{{number}}`, `{{source}}`, `{{title}}` and `{{text}}` in `passage`.
public struct PromptTemplate: Sendable, Equatable {
  public var name: String
  public var system: String?
  public var user: String
  public var passage: String
  /// Between passages.
  public var separator: String
  /// Who searches: nil, the pipeline before the model is asked; otherwise an agent's tool is called.
  public var agent: AgentSearch?

  public init(
    name: String, system: String?, user: String, passage: String, separator: String, agent: AgentSearch? = nil
  ) {
    self.name = name
    self.system = system
    self.user = user
    self.passage = passage
    self.separator = separator
    self.agent = agent
  }
}

/// Who calls the `knowledge_search` tool of an agent.
public enum AgentSearch: String, Sendable, CaseIterable, Codable {
  /// The model; a call that cannot be read is made with the question, and told.
  case model
  /// The pipeline, with the question as it is.
  case pipeline
}

extension PromptTemplate {
  /// By name: `context-tags`, `grounded-short`, `agent-search`.
  public static let presets: [PromptTemplate] = [contextTags]

  /// A preset by its name.
  ///
  /// - Throws: `RAGError` with the presets that there are.
  public static func named(_ name: String) throws(RAGError) -> PromptTemplate {
    guard let preset = presets.first(where: { $0.name == name }) else {
      throw RAGError("no template is called '\(name)'; \(Spelling.hint(for: name, among: presets.map(\.name)))")
    }
    return preset
  }

  /// - Throws: `RAGError`.
  public init(path: String) throws(RAGError) { throw RAGError("templates cannot be read from files yet: \(path)") }

  static let contextTags = PromptTemplate(
    name: "context-tags", system: nil, user: "{{context}}\n{{question}}", passage: "{{text}}", separator: "\n")
}
