internal import JSON
internal import MicroHTTP

/// What is answered from memory.
extension LlamaStackService {
  func answer(_ request: ServedRequest, _ match: StackRoute.Match) throws(APIError) -> JSONValue {
    switch match.route {
    case .providers: return Self.list(providers)
    case .provider:
      guard let provider = providers.first(where: { $0["provider_id"]?.string == match["provider_id"] }) else {
        throw .notFound("No provider is called '\(match["provider_id"])'.")
      }
      return provider
    case .routes: return Self.list(routes)
    case .model:
      guard let model = models.entries.first(where: { $0.name == match["model_id"] }) else {
        throw .notFound("No model is called '\(match["model_id"])'.")
      }
      return model.json
    case .toolGroups: return Self.list([BuiltinTools.toolGroup(provider: options.tools.id)])
    case .toolGroup:
      try checkGroup(match["toolgroup_id"])
      return BuiltinTools.toolGroup(provider: options.tools.id)
    case .tools:
      if let group = request.query["toolgroup_id"] { try checkGroup(group) }
      return Self.list(BuiltinTools.listing(provider: options.tools.id))
    case .tool:
      let known = BuiltinTools.listing(provider: options.tools.id)
      guard let tool = known.first(where: { $0["identifier"]?.string == match["tool_name"] }) else {
        throw .notFound("No tool is called '\(match["tool_name"])'.")
      }
      return tool
    case .listTools:
      if let group = request.query["tool_group_id"] { try checkGroup(group) }
      return Self.list(BuiltinTools.definitions)
    case .databases: return Self.list(databases.all.map { $0.json(withOwner: false) })
    case .database: return try databases.named(match["vector_db_id"]).json(withOwner: false)
    default: return try answerOfAgents(request, match)
    }
  }

  private func checkGroup(_ name: String) throws(APIError) {
    guard name == BuiltinTools.group || name == "\(BuiltinTools.group)/\(BuiltinTools.search)" else {
      throw .notFound("No tool group is called '\(name)'; there is '\(BuiltinTools.group)'.")
    }
  }

  private func answerOfAgents(_ request: ServedRequest, _ match: StackRoute.Match) throws(APIError) -> JSONValue {
    let agent = match["agent_id"]
    let session = match["session_id"]
    switch match.route {
    case .createAgent:
      let configuration = try AgentConfiguration(
        try body(request)["agent_config"], served: model.id, maxTokens: options.maxTokens)
      let id = newID()
      try agents.add(configuration, id: id, at: clock.timestamp)
      return .fields(["agent_id": .string(id)])
    case .agents: return Self.list(agents.all.map(\.json))
    case .agent: return try agents.agent(agent).json
    case .deleteAgent:
      try agents.remove(agent)
      return .null
    case .createSession:
      let id = newID()
      let name = try body(request).string("session_name") ?? id
      try agents.addSession(name, id: id, to: agent, at: clock.timestamp)
      return .fields(["session_id": .string(id)])
    case .sessions:
      let sessions = try agents.agent(agent).sessions.values.sorted { ($0.started, $0.id) < ($1.started, $1.id) }
      return Self.list(sessions.map(\.json))
    case .session: return try agents.session(session, of: agent).json
    case .deleteSession:
      try agents.removeSession(session, of: agent)
      return .null
    case .step:
      let turn = try agents.turn(match["turn_id"], session: session, of: agent)
      guard let step = turn.json["steps"]?.array?.first(where: { $0["step_id"]?.string == match["step_id"] }) else {
        throw .notFound("The turn '\(turn.id)' has no step '\(match["step_id"])'.")
      }
      return .fields(["step": step])
    default: return try agents.turn(match["turn_id"], session: session, of: agent).json
    }
  }

  private static func list(_ values: [JSONValue]) -> JSONValue { .fields(["data": .array(values)]) }

  /// Settings are not told: some of them are secrets.
  private var providers: [JSONValue] {
    var known: [(api: String, provider: StackConfiguration.Provider)] = [("inference", options.languageProvider)]
    for provider in options.embeddings.map(\.provider) where !known.contains(where: { $0.provider == provider }) {
      known.append(("inference", provider))
    }
    known += options.vectorProviders.map { ("vector_io", $0.provider) }
    known += [("agents", options.agents), ("tool_runtime", options.tools)]
    return known.map { api, provider in
      .fields([
        "api": .string(api), "provider_id": .string(provider.id), "provider_type": .string(provider.type),
        "config": .fields([:]), "health": .fields(["status": .string("OK")]),
      ])
    }
  }

  private var routes: [JSONValue] {
    let own = StackRoute.allCases.map { ($0.pattern, $0.method, $0.api) }
    let openAI = Route.allCases.filter { $0.rawValue.hasPrefix("/v1/") }.flatMap { route in
      [route.rawValue, Route.llamaStackPrefix + route.rawValue].map { ($0, route.method, "inference") }
    }
    return (own + openAI).sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { pattern, method, api in
      let types = providers.filter { $0["api"]?.string == api }.compactMap { $0["provider_type"]?.string }
      return .fields([
        "route": .string(pattern), "method": .string(method), "provider_types": .texts(types),
      ])
    }
  }
}
