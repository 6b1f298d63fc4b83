internal import Dispatch
internal import Embedders
internal import Generation
internal import MicroHTTP

/// What the parts of a running server share.
final class ServerCore: Sendable {
  let language: ServedLanguage
  let embedder: (any Embedder)?
  let servedEmbedder: ServedEmbedder?
  let metrics: ServerMetrics
  let registry: CallRegistry
  let clock = ServerClock()
  let options: ServerOptions
  private let key: APIKeyCheck
  /// Reads bodies and makes tokens of prompts, so that a long one holds up neither what the HTTP thread does nor the engine.
  private let reading = DispatchQueue(label: "ragmeter.server.reading")
  /// An embedder computes for as long as it likes.
  private let embedding = DispatchQueue(label: "ragmeter.server.embedding")
  /// What Llama Stack's clients ask for.
  let stack: LlamaStackService

  static let version = "0.5.0"
  static let jsonHeaders = [(name: "Content-Type", value: "application/json")]
  static let streamHeaders = [
    (name: "Content-Type", value: "text/event-stream; charset=utf-8"), (name: "Cache-Control", value: "no-cache"),
  ]

  /// - Throws: what the stores of `stack` throw.
  init(
    language: ServedLanguage, embedder: (any Embedder)?, options: ServerOptions, stack stackOptions: StackOptions
  ) throws {
    self.language = language
    self.embedder = embedder
    self.options = options
    var stackOptions = stackOptions
    if let embedder, stackOptions.embeddings.isEmpty {
      let provider = StackConfiguration.Provider(id: "sentence-transformers", type: "inline::sentence-transformers")
      stackOptions.embeddings = [
        StackOptions.EmbeddingModel(id: embedder.name, provider: provider, embedder: embedder, tokenizer: nil)
      ]
    }
    let named = stackOptions.embeddings.first?.id
    servedEmbedder = embedder.map {
      ServedEmbedder(
        name: named ?? $0.name, dimension: $0.dimension, maximumTokens: $0.maximumTokens, tokenizer: nil)
    }
    let metrics = ServerMetrics(model: language.name)
    let registry = CallRegistry(most: options.maxConcurrentRequests)
    self.metrics = metrics
    self.registry = registry
    key = APIKeyCheck(options.apiKey)
    stack = try LlamaStackService(
      model: language.stackModel, options: stackOptions, registry: registry, metrics: metrics, clock: clock,
      turnAway: { reply, reason in
        reply.refuseDetail(Self.rejection(reason, options, metrics))
      })
  }

  /// Answers a request, or sees to it that somebody will. Called on the HTTP thread, which it does not hold up.
  func handle(_ request: ServedRequest, _ responder: Responder) {
    guard let route = Route(path: request.path) else { return handleStack(request, responder) }
    let reply = Reply(
      handler: route.rawValue, method: route.answers(request.method) ? request.method : nil, responder: responder,
      metrics: metrics)
    guard route.isOpen || key.accepts(request.headers["authorization"]) else { return refuseKey(reply) }
    guard route.answers(request.method) else {
      return reply.refuse(
        .wrongMethod(request.method, path: request.path, allowed: route.method), headers: [("Allow", route.method)])
    }
    switch route {
    case .health: reply.send(status: registry.isDraining ? 503 : 200, headers: [], [])
    case .version: reply.send(ServedModel.versionBody(Self.version))
    case .models: reply.send(stack.models.body)
    case .metrics: reply.send(headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")], metricsPage())
    case .completions, .chat, .embeddings, .tokenize, .detokenize: post(request, route, reply)
    }
  }

  private func handleStack(_ request: ServedRequest, _ responder: Responder) {
    func reply(_ handler: String?, _ method: String?) -> Reply {
      Reply(handler: handler, method: method, responder: responder, metrics: metrics)
    }
    let hasKey = key.accepts(request.headers["authorization"])
    switch StackRoute.find(request.method, request.path) {
    case .found(let match):
      let reply = reply(match.route.pattern, request.method)
      guard hasKey || match.route.isOpen else { return refuseKey(reply) }
      stack.handle(request, match, reply)
    case .wrongMethod(let allowed, let pattern):
      let reply = reply(pattern, nil)
      guard hasKey else { return refuseKey(reply) }
      let words = allowed.joined(separator: ", ")
      reply.refuse(.wrongMethod(request.method, path: request.path, allowed: words), headers: [("Allow", words)])
    case .unknown:
      let reply = reply(nil, nil)
      guard hasKey else { return refuseKey(reply) }
      reply.refuse(.unknownPath(request.path))
    }
  }

  private func refuseKey(_ reply: Reply) { reply.refuse(.unauthorized, headers: [("WWW-Authenticate", "Bearer")]) }

  private func post(_ request: ServedRequest, _ route: Route, _ reply: Reply) {
    do throws(APIError) { try APIError.checkContentType(request.headers["content-type"]) } catch {
      return reply.refuse(error)
    }
    let arrived = clock.nanoseconds
    switch route {
    case .embeddings: admit(reply) { number in embed(request.body, number, reply) }
    default:
      switch language {
      case .engine(let served):
        guard route == .completions || route == .chat else {
          return reading.async { [self] in
            reply.answering { () throws(APIError) in try convert(request.body, route, served) }
          }
        }
        admit(reply) { number in
          let endpoint: GenerationCall.Endpoint = route == .chat ? .chat : .completions
          reading.async { [self] in generate(request.body, endpoint, served, number, arrived: arrived, reply) }
        }
      case .remote(let remote):
        admit(reply) { number in
          reading.async { [self] in remote.forward(request.body, to: route, number, reply, registry) }
        }
      }
    }
  }

  /// Goes on with a request that may come in, and turns others away.
  private func admit(_ reply: Reply, _ body: (Int) -> Void) {
    switch registry.admit() {
    case .admitted(let number): body(number)
    case .refused(let reason): turnAway(reply, reason)
    }
  }

  func turnAway(_ reply: Reply, _ reason: ServerMetrics.Rejection) {
    reply.refuse(Self.rejection(reason, options, metrics))
  }

  private static func rejection(
    _ reason: ServerMetrics.Rejection, _ options: ServerOptions, _ metrics: ServerMetrics
  ) -> APIError {
    metrics.rejected(reason)
    let seconds = options.retryAfterSeconds
    switch reason {
    case .draining: return .unavailable("The server is about to stop.", retryAfter: seconds)
    case .concurrency:
      return .tooManyRequests(
        "\(options.maxConcurrentRequests) requests are under way already.", retryAfter: seconds)
    case .queue: return .tooManyRequests("As many requests wait for the model as may.", retryAfter: seconds)
    }
  }

  private func metricsPage() -> [UInt8] {
    let moment = ServerMetrics.Moment(openStreams: registry.openCalls)
    return switch language {
    case .engine(let served):
      metrics.text(engine: served.engine.statistics, configuration: served.engine.configuration, moment: moment)
    case .remote: metrics.ownText(moment: moment)
    }
  }

  // MARK: - On the embedding queue

  private func embed(_ body: [UInt8], _ number: Int, _ reply: Reply) {
    embedding.async { [self] in
      reply.responder.onClose { [registry] _ in registry.closed(number: number) }
      defer { registry.isOver() }
      guard !reply.responder.isClosed else { return }
      reply.answering { () throws(APIError) in
        guard let embedder, let servedEmbedder else {
          throw APIError(
            status: 404, message: "This server has no embedder; start it with --embedder.", type: "NotFoundError")
        }
        return try body.reading { bytes throws(APIError) in
          let call = try EmbeddingsCall(body: bytes, embedder: servedEmbedder)
          let batch: EmbeddingBatch
          do { batch = try embedder.embed(call.inputs, as: .document) } catch { throw .internalError("\(error)") }
          return try call.answer(batch, id: "embd-" + Self.randomDigits(), created: clock.unixSeconds)
        }
      }
    }
  }
}

extension [UInt8] {
  func reading<Result>(
    _ body: (UnsafeRawBufferPointer) throws(APIError) -> Result
  ) throws(APIError) -> Result {
    let result = withUnsafeBytes { bytes in
      Swift.Result { () throws(APIError) in try body(bytes) }
    }
    return try result.get()
  }
}
