internal import Generation
internal import JSON
internal import ModelFiles
internal import RAGPipeline
internal import Synchronization

/// Turns of agents.
extension LlamaStackService {
  func beginTurn(_ body: RequestBody, _ match: StackRoute.Match, _ number: Int, _ reply: Reply) throws(APIError) {
    let agent = try agents.agent(match["agent_id"])
    let session = try agents.session(match["session_id"], of: agent.id)
    let call = try TurnCall(body)
    let knowledge = call.namesTools ? call.knowledge : agent.configuration.knowledge
    let search: KnowledgeSearch?
    if let knowledge { search = try self.knowledge(knowledge.databases, knowledge.query) } else { search = nil }
    let turn = newID()
    let history = session.history + call.earlier
    let stackCall = StackCall(
      number: number, streams: call.streams, reply: reply, registry: registry, executor: executor)
    stackCall.start { [self] told in
      let script = TurnScript(
        turn: turn, session: session.id, input: call.input, newID: { [self] in newID() },
        now: { [clock] in clock.timestamp })
      let teller = TurnTeller(script, told)
      teller.tell { $0.begin() }
      if let search {
        try await answer(call.question, history, agent.configuration, search, teller)
      } else {
        try await answer(call.question, history, agent.configuration, teller)
      }
      let (text, whole) = teller.whole
      agents.add(
        AgentRegistry.Turn(id: turn, question: call.question, answer: text, json: whole), to: session.id, of: agent.id)
      return whole
    }
  }

  /// From the databases.
  private func answer(
    _ question: String, _ history: [ChatMessage], _ agent: AgentConfiguration, _ search: KnowledgeSearch,
    _ teller: TurnTeller
  ) async throws {
    var options = RAGOptions()
    options.limit = search.query.maxChunks
    options.budget = model.limits == nil ? nil : search.query.maxTokens
    options.template = try template(agent)
    options.sampling = agent.sampling
    let pipeline = try self.pipeline.get().with(retriever: search, options: options)
    let asked = Mutex(question)
    let answer = try await pipeline.answer(question, history: try fitting(history)) { event in
      switch event {
      case .toolCall(let query):
        asked.withLock { $0 = query }
        teller.tell { $0.called(query: query) }
      case .prepared:
        let result = KnowledgeResult(search.found, question: asked.withLock { $0 }, query: search.query)
        teller.tell { $0.found(result) }
      case .generation(.tokens(choice: 0, _, let text, _)): teller.tell { $0.said(text) }
      case .generation: break
      }
    }
    teller.tell { $0.ended(answer.choices.first?.finishReason ?? .stop) }
  }

  /// From what the model knows.
  private func answer(
    _ question: String, _ history: [ChatMessage], _ agent: AgentConfiguration, _ teller: TurnTeller
  ) async throws {
    var messages = try fitting(history) + [ChatMessage(role: "user", content: question)]
    if !agent.instructions.isEmpty { messages.insert(ChatMessage(role: "system", content: agent.instructions), at: 0) }
    var reason = FinishReason.stop
    let request = GenerationRequest(prompt: .messages(messages), sampling: agent.sampling)
    for try await event in try await model.generator.generate(request) {
      switch event {
      case .tokens(choice: 0, _, let text, _): teller.tell { $0.said(text) }
      case .finished(choice: 0, let end): reason = end
      default: break
      }
    }
    try Task.checkCancellation()
    teller.tell { $0.ended(reason) }
  }

  /// A conversation's end, so long that half of the model's context is left for the question and its passages.
  private func fitting(_ history: [ChatMessage]) throws -> [ChatMessage] {
    guard let limits = model.limits else { return history }
    var rest = history[...]
    while !rest.isEmpty, try limits.tokens(Array(rest)) > limits.contextLength / 2 { rest = rest.dropFirst() }
    // It begins with what the user said.
    return Array(rest.drop { $0.role != "user" })
  }

  /// The agent's instructions, and the tool's results as a message, for models that know no role for tools.
  private func template(_ agent: AgentConfiguration) throws -> PromptTemplate {
    var template = try PromptTemplate.named("agent-search:caller=\(options.search.rawValue)")
    // What a client writes are no places of a template.
    let instructions = agent.instructions.replacing("{{", with: "{ {")
    switch options.search {
    case .pipeline: template.system = instructions.isEmpty ? nil : instructions
    case .model:
      template.system = [instructions, template.system ?? ""].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
    return template
  }
}

/// Writes the events of a turn as they come.
private final class TurnTeller: Sendable {
  private let script: Mutex<TurnScript>
  private let call: StackCall

  init(_ script: TurnScript, _ call: StackCall) {
    self.script = Mutex(script)
    self.call = call
  }

  func tell(_ body: (inout TurnScript) -> [JSONValue]) { call.tell(script.withLock { body(&$0) }) }

  var whole: (text: String, json: JSONValue) { script.withLock { ($0.text, $0.whole) } }
}
