internal import JSON
internal import ModelFiles
internal import Synchronization

/// The agents of a server, their sessions and turns; all of it is in memory, and gone when the server stops.
final class AgentRegistry: Sendable {
  struct Agent: Sendable {
    let id: String
    let configuration: AgentConfiguration
    let created: String
    var sessions: [String: Session] = [:]

    var json: JSONValue {
      .fields(["agent_id": .string(id), "agent_config": configuration.json, "created_at": .string(created)])
    }
  }

  struct Session: Sendable {
    let id: String
    let name: String
    let started: String
    /// The latest, at most `mostTurns`.
    var turns: [Turn] = []

    var json: JSONValue {
      .fields([
        "session_id": .string(id), "session_name": .string(name), "turns": .array(turns.map(\.json)),
        "started_at": .string(started),
      ])
    }

    /// Of what was said, for the next turn.
    var history: [ChatMessage] {
      turns.flatMap {
        [ChatMessage(role: "user", content: $0.question), ChatMessage(role: "assistant", content: $0.answer)]
      }
    }
  }

  struct Turn: Sendable {
    let id: String
    let question: String
    let answer: String
    let json: JSONValue
  }

  private static let mostTurns = 64
  private let most: Int
  private let agents = Mutex<[String: Agent]>([:])

  /// - Parameter most: agents, and sessions of an agent.
  init(most: Int) { self.most = most }

  func add(_ configuration: AgentConfiguration, id: String, at time: String) throws(APIError) {
    let isIn = agents.withLock { agents in
      guard agents.count < most else { return false }
      agents[id] = Agent(id: id, configuration: configuration, created: time)
      return true
    }
    guard isIn else { throw .tooManyRequests("\(most) agents are kept already; delete some.", retryAfter: 60) }
  }

  /// The oldest first.
  var all: [Agent] { agents.withLock { $0.values.sorted { ($0.created, $0.id) < ($1.created, $1.id) } } }

  func agent(_ id: String) throws(APIError) -> Agent {
    guard let agent = agents.withLock({ $0[id] }) else { throw .notFound("No agent has the id '\(id)'.") }
    return agent
  }

  func remove(_ id: String) throws(APIError) {
    guard agents.withLock({ $0.removeValue(forKey: id) }) != nil else {
      throw .notFound("No agent has the id '\(id)'.")
    }
  }

  func addSession(_ name: String, id: String, to agent: String, at time: String) throws(APIError) {
    _ = try self.agent(agent)
    let isIn = agents.withLock { agents in
      guard let count = agents[agent]?.sessions.count, count < most else { return false }
      agents[agent]?.sessions[id] = Session(id: id, name: name, started: time)
      return true
    }
    guard isIn else { throw .tooManyRequests("The agent has \(most) sessions already; delete some.", retryAfter: 60) }
  }

  func session(_ id: String, of agent: String) throws(APIError) -> Session {
    guard let session = try self.agent(agent).sessions[id] else {
      throw .notFound("The agent '\(agent)' has no session '\(id)'.")
    }
    return session
  }

  func removeSession(_ id: String, of agent: String) throws(APIError) {
    _ = try session(id, of: agent)
    agents.withLock { _ = $0[agent]?.sessions.removeValue(forKey: id) }
  }

  /// A turn of a session that is gone meanwhile is forgotten with it.
  func add(_ turn: Turn, to session: String, of agent: String) {
    agents.withLock { agents in
      guard var turns = agents[agent]?.sessions[session]?.turns else { return }
      turns.append(turn)
      agents[agent]?.sessions[session]?.turns = turns.suffix(Self.mostTurns)
    }
  }

  func turn(_ id: String, session: String, of agent: String) throws(APIError) -> Turn {
    guard let turn = try self.session(session, of: agent).turns.first(where: { $0.id == id }) else {
      throw .notFound("The session '\(session)' has no turn '\(id)'.")
    }
    return turn
  }
}
