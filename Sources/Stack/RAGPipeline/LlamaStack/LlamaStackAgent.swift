public import Generation
internal import HTTP
public import ModelFiles
internal import Synchronization
public import VectorStores

/// An agent of a Llama Stack server with its tool `builtin::rag`: a whole RAG system elsewhere, asked by turns.
///
/// The server searches, lays out the prompt and generates; this side tells apart what it does by the events of its stream. It tells no
/// usage: tokens are counted by pieces of text, those of prompts not at all.
public final class LlamaStackAgent: QuestionAnswerer {
  public struct Options: Sendable {
    /// The server's name for it; nil: the only one that it has.
    public var model: String?
    public var instructions = "You answer questions. Search for what you need to know with the tool knowledge_search."
    /// Chunks that a search finds.
    public var limit = 5
    /// One output; `temperature`, `topK`, `topP`, `repetitionPenalty`, `maxTokens` and `stopStrings` are heeded.
    public var sampling = SamplingParameters()
    /// Seconds after which a stream that brings nothing is given up.
    public var silence = 300.0

    public init() {}
  }

  public let id: String
  public let model: String
  private let server: LlamaStackServer
  private let options: Options
  private let now: @Sendable () -> UInt64
  private let blocking: RetrievalThreads
  private let streams: TransferThread
  private let sessions = Mutex<[String]>([])

  /// Makes an agent on the server; blocks until it is there.
  ///
  /// - Parameters:
  ///   - databases: vector databases that its tool searches.
  ///   - now: nanoseconds of a clock that never goes back.
  /// - Throws: `RAGError` for options that an agent cannot have; `VectorStoreError` for a model or a database that the server does
  ///   not know, and where it cannot be reached.
  public init(
    server: LlamaStackServer, databases: [String], options: Options = Options(), now: @escaping @Sendable () -> UInt64
  ) throws {
    guard options.sampling.n == 1 else {
      throw RAGError("an agent of Llama Stack gives one answer, not \(options.sampling.n); ask for one")
    }
    // The server takes any name, and fails at the first turn.
    model = try server.model(.llm, named: options.model).name
    let known = try server.vectorDatabases().map(\.name)
    for name in databases where !known.contains(name) {
      throw VectorStoreError.noSuchCollection(name, known: known)
    }
    let answer = try server.post(
      "/v1/agents", Self.configuration(model: model, databases: databases, options: options))
    guard let id = answer["agent_id"]?.string else {
      throw VectorStoreError.remote(
        name: server.remote.options.name, reason: "POST /v1/agents answered without an 'agent_id': \(answer.json)")
    }
    self.id = id
    self.server = server
    self.options = options
    self.now = now
    blocking = RetrievalThreads(limit: 64)
    streams = try TransferThread()
  }

  private static func configuration(model: String, databases: [String], options: Options) -> FieldValue {
    let sampling = options.sampling
    let temperature = FieldValue.number(Double(sampling.temperature))
    let strategy: [String: FieldValue] =
      if sampling.temperature <= 0 {
        ["type": .string("greedy")]
      } else if sampling.topK > 0 {
        ["type": .string("top_k"), "top_k": .integer(Int64(sampling.topK))]
      } else {
        ["type": .string("top_p"), "temperature": temperature, "top_p": .number(Double(sampling.topP))]
      }
    var parameters: [String: FieldValue] = [
      "strategy": .object(strategy), "repetition_penalty": .number(Double(sampling.repetitionPenalty)),
    ]
    if let limit = sampling.maxTokens { parameters["max_tokens"] = .integer(Int64(limit)) }
    if !sampling.stopStrings.isEmpty { parameters["stop"] = .array(sampling.stopStrings.map { .string($0) }) }
    let tool: FieldValue = .object([
      "name": .string("builtin::rag"),
      "args": .object([
        "vector_db_ids": .array(databases.map { .string($0) }),
        "query_config": LlamaStackRAGTool.configuration(limit: options.limit),
      ]),
    ])
    return .object([
      "agent_config": .object([
        "model": .string(model), "instructions": .string(options.instructions), "toolgroups": .array([tool]),
        "enable_session_persistence": .bool(false), "sampling_params": .object(parameters),
      ])
    ])
  }

  /// Removes the sessions and the agent from the server.
  public func close() throws {
    let open = sessions.withLock { open in
      defer { open = [] }
      return open
    }
    for session in open { try server.delete("/v1/agents/\(id)/session/\(session)") }
    try server.delete("/v1/agents/\(id)")
  }

  // MARK: - Asking

  /// Begins a conversation, which the server remembers.
  public func beginSession(named name: String) async throws -> String {
    let answer = try await blocking.run { [server, id] in
      try server.post("/v1/agents/\(id)/session", .object(["session_name": .string(name)]))
    }
    guard let session = answer["session_id"]?.string else {
      throw VectorStoreError.remote(
        name: server.remote.options.name, reason: "a session was begun, and has no 'session_id': \(answer.json)")
    }
    sessions.withLock { $0.append(session) }
    return session
  }

  /// Answers in a session of its own, whose beginning counts to the first stage.
  ///
  /// - Throws: `RAGError` for a turn that failed or was cut off, and for a history, which only the server can keep;
  ///   `VectorStoreError.remote` for a server that cannot be reached or refuses.
  public func answer(
    _ question: String, history: [ChatMessage], report: (RAGEvent) -> Void = { _ in }
  ) async throws -> RAGAnswer {
    guard history.isEmpty else {
      throw RAGError(
        "an agent of Llama Stack remembers conversations itself and takes none from elsewhere; ask by turns of one session"
      )
    }
    let start = now()
    let session = try await beginSession(named: "ragmeter")
    return try await turn(question, in: session, since: start, report: report).answer
  }

  /// Asks in a session that was begun before.
  ///
  /// - Returns: the answer, and the steps of the turn with their times.
  public func turn(
    _ question: String, in session: String, report: (RAGEvent) -> Void = { _ in }
  ) async throws -> (answer: RAGAnswer, turn: LlamaStackTurn) {
    try await turn(question, in: session, since: now(), report: report)
  }

  private func turn(
    _ question: String, in session: String, since start: UInt64, report: (RAGEvent) -> Void
  ) async throws -> (answer: RAGAnswer, turn: LlamaStackTurn) {
    var turn = LlamaStackTurn()
    var context: PreparedQuestion?
    var events = events(of: question, in: session)
    while let (event, time) = try await events.next() {
      for note in try turn.take(event, at: time) {
        switch note {
        case .toolCall(let query): report(.toolCall(query: query))
        case .text(let text):
          if context == nil {
            let prepared = prepared(question, turn, since: start)
            context = prepared
            report(.prepared(prepared))
          }
          report(.generation(.tokens(choice: 0, ids: [], text: text, logprobs: [])))
        }
      }
      if turn.isComplete { break }
    }
    guard turn.isComplete else {
      throw RAGError("the stream of the turn ended before the turn was complete; ask again, or read the server's log")
    }
    let end = now()
    report(.generation(.finished(choice: 0, reason: turn.finishReason)))
    report(.generation(.usage(promptTokens: 0, completionTokens: turn.pieces, cachedTokens: 0)))
    let choice = RAGAnswer.Choice(
      text: turn.text, tokens: turn.pieces, finishReason: turn.finishReason, firstToken: turn.firstText,
      lastToken: turn.lastText)
    let answer = RAGAnswer(
      choices: [choice], context: prepared(question, turn, since: start), promptTokens: 0, cachedTokens: 0,
      completionTokens: turn.pieces, spans: turn.spans(from: start, to: end))
    return (answer, turn)
  }

  private func prepared(_ question: String, _ turn: LlamaStackTurn, since start: UInt64) -> PreparedQuestion {
    let plan = turn.query.map { _ in
      PreparedQuestion.Plan(
        text: turn.arguments, isReadable: true, promptTokens: 0, cachedTokens: 0, completionTokens: 0)
    }
    return PreparedQuestion(
      question: question, query: turn.query ?? question, passages: turn.passages, found: turn.passages,
      messages: [
        ChatMessage(role: "system", content: options.instructions), ChatMessage(role: "user", content: question),
      ],
      plan: plan, spans: turn.preparing(from: start))
  }

  private func events(of question: String, in session: String) -> TurnEvents {
    let path = "/v1/agents/\(id)/session/\(session)/turn"
    let message: FieldValue = .object(["role": .string("user"), "content": .string(question)])
    let body: FieldValue = .object(["messages": .array([message]), "stream": .bool(true)])
    let pieces = streams.send(
      server.remote.request(path, body: Array(body.json.utf8)), silence: options.silence, clock: now)
    return TurnEvents(pieces, server: server, path: path, silence: options.silence)
  }
}
