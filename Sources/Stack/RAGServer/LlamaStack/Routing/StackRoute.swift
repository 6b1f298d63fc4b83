/// What of Llama Stack's interface this server answers, by the paths of release 0.2.
enum StackRoute: CaseIterable {
  case health, version, providers, provider, routes
  case model, toolGroups, toolGroup, tools, tool, listTools, invokeTool
  case registerDatabase, databases, database, unregisterDatabase
  case insertChunks, queryChunks, insertDocuments, queryDocuments
  case createAgent, agents, agent, deleteAgent
  case createSession, sessions, session, deleteSession
  case createTurn, turn, step
  case embeddings, completion, chatCompletion

  var method: String {
    switch self {
    case .invokeTool, .registerDatabase, .insertChunks, .queryChunks, .insertDocuments, .queryDocuments, .createAgent,
      .createSession, .createTurn, .embeddings, .completion, .chatCompletion:
      "POST"
    case .unregisterDatabase, .deleteAgent, .deleteSession: "DELETE"
    default: "GET"
    }
  }

  /// With names in braces; one that ends in ":path" takes slashes too.
  var pattern: String {
    switch self {
    case .health: "/v1/health"
    case .version: "/v1/version"
    case .providers: "/v1/providers"
    case .provider: "/v1/providers/{provider_id}"
    case .routes: "/v1/inspect/routes"
    case .model: "/v1/models/{model_id:path}"
    case .toolGroups: "/v1/toolgroups"
    case .toolGroup: "/v1/toolgroups/{toolgroup_id:path}"
    case .tools: "/v1/tools"
    case .tool: "/v1/tools/{tool_name:path}"
    case .listTools: "/v1/tool-runtime/list-tools"
    case .invokeTool: "/v1/tool-runtime/invoke"
    case .registerDatabase, .databases: "/v1/vector-dbs"
    case .database, .unregisterDatabase: "/v1/vector-dbs/{vector_db_id:path}"
    case .insertChunks: "/v1/vector-io/insert"
    case .queryChunks: "/v1/vector-io/query"
    case .insertDocuments: "/v1/tool-runtime/rag-tool/insert"
    case .queryDocuments: "/v1/tool-runtime/rag-tool/query"
    case .createAgent, .agents: "/v1/agents"
    case .agent, .deleteAgent: "/v1/agents/{agent_id}"
    case .createSession: "/v1/agents/{agent_id}/session"
    case .sessions: "/v1/agents/{agent_id}/sessions"
    case .session, .deleteSession: "/v1/agents/{agent_id}/session/{session_id}"
    case .createTurn: "/v1/agents/{agent_id}/session/{session_id}/turn"
    case .turn: "/v1/agents/{agent_id}/session/{session_id}/turn/{turn_id}"
    case .step: "/v1/agents/{agent_id}/session/{session_id}/turn/{turn_id}/step/{step_id}"
    case .embeddings: "/v1/inference/embeddings"
    case .completion: "/v1/inference/completion"
    case .chatCompletion: "/v1/inference/chat-completion"
    }
  }

  /// Whether it is for those who watch the server, who need no key.
  var isOpen: Bool { self == .health || self == .version }

  /// Who answers it, as `/v1/inspect/routes` says.
  var api: String {
    switch self {
    case .health, .version, .providers, .provider, .routes: "inspect"
    case .model, .embeddings, .completion, .chatCompletion: "inference"
    case .registerDatabase, .databases, .database, .unregisterDatabase, .insertChunks, .queryChunks: "vector_io"
    case .toolGroups, .toolGroup, .tools, .tool, .listTools, .invokeTool, .insertDocuments, .queryDocuments:
      "tool_runtime"
    case .createAgent, .agents, .agent, .deleteAgent, .createSession, .sessions, .session, .deleteSession, .createTurn,
      .turn, .step:
      "agents"
    }
  }
}

extension StackRoute {
  /// A route with what its path names.
  struct Match {
    let route: StackRoute
    let parameters: [String: String]

    subscript(name: String) -> String { parameters[name] ?? "" }
  }

  enum Finding {
    case found(Match)
    /// The path is there, and answers these methods.
    case wrongMethod(allowed: [String], pattern: String)
    case unknown
  }

  static func find(_ method: String, _ path: String) -> Finding {
    let asked = path.split(separator: "/", omittingEmptySubsequences: false)
    var others: [StackRoute] = []
    for (route, pattern) in split {
      guard let parameters = match(asked, pattern) else { continue }
      if route.method == method || method == "HEAD" && route.method == "GET" {
        return .found(Match(route: route, parameters: parameters))
      }
      others.append(route)
    }
    guard let first = others.first else { return .unknown }
    return .wrongMethod(allowed: others.map(\.method), pattern: first.pattern)
  }

  private static let split = allCases.map {
    ($0, $0.pattern.split(separator: "/", omittingEmptySubsequences: false))
  }

  private static func match(_ asked: [Substring], _ pattern: [Substring]) -> [String: String]? {
    var parameters: [String: String] = [:]
    for (place, part) in pattern.enumerated() {
      guard place < asked.count else { return nil }
      guard part.first == "{" else {
        if part != asked[place] { return nil }
        continue
      }
      let name = part.dropFirst().dropLast()
      if name.hasSuffix(":path") {
        let rest = asked[place...].joined(separator: "/")
        parameters[String(name.dropLast(5))] = rest
        return rest.isEmpty ? nil : parameters
      }
      if asked[place].isEmpty { return nil }
      parameters[String(name)] = String(asked[place])
    }
    return asked.count == pattern.count ? parameters : nil
  }
}
