/// What the model is told, with places for the passages and the question.
///
/// `{{context}}` and `{{question}}` stand in `system` or `user`; `{{number}}` (1 is the best), `{{source}}`, `{{title}}` (the
/// source, where there is none) and `{{text}}` in `passage`.
///
/// An agent's conversation is its system message, the question, the call of `knowledge_search`, and `user` with what was found.
public struct PromptTemplate: Sendable, Equatable {
  public var name: String
  public var system: String?
  public var user: String
  public var passage: String
  /// Between passages.
  public var separator: String
  /// Who searches: nil, the pipeline before the model is asked; otherwise an agent's tool is called.
  public var agent: AgentSearch?
  /// What ends an answer, beside what the sampling says: words of the prompt that a model goes on to write when it has answered.
  public var stop: [String]

  public init(
    name: String, system: String?, user: String, passage: String, separator: String, agent: AgentSearch? = nil,
    stop: [String] = []
  ) {
    self.name = name
    self.system = system
    self.user = user
    self.passage = passage
    self.separator = separator
    self.agent = agent
    self.stop = stop
  }
}

/// Who calls the `knowledge_search` tool of an agent.
public enum AgentSearch: String, Sendable, CaseIterable, Codable {
  /// The model; a call that cannot be read is made with the question, and told.
  case model
  /// The pipeline, with the question as it is.
  case pipeline
}
