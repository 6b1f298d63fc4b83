internal import Dispatch
internal import Embedders
internal import Generation
internal import MicroHTTP

/// What the parts of a running server share.
final class ServerCore: Sendable {
  let engine: Engine
  let embedder: (any Embedder)?
  let servedEmbedder: ServedEmbedder?
  let model: ServedModel
  let metrics: ServerMetrics
  let registry: CallRegistry
  let clock = ServerClock()
  let options: ServerOptions
  private let key: APIKeyCheck
  /// Reads bodies and makes tokens of prompts, so that a long one holds up neither what the HTTP thread does nor the engine.
  private let reading = DispatchQueue(label: "ragmeter.server.reading")
  /// An embedder computes for as long as it likes.
  private let embedding = DispatchQueue(label: "ragmeter.server.embedding")

  static let version = "0.5.0"
  static let jsonHeaders = [(name: "Content-Type", value: "application/json")]
  static let streamHeaders = [
    (name: "Content-Type", value: "text/event-stream; charset=utf-8"), (name: "Cache-Control", value: "no-cache"),
  ]

  init(engine: Engine, embedder: (any Embedder)?, options: ServerOptions) {
    self.engine = engine
    self.embedder = embedder
    self.options = options
    let name = options.servedModelName ?? engine.model
    model = ServedModel(
      name: name, maxModelLength: engine.configuration.maxModelLength, vocabularySize: engine.vocabularySize,
      tokenizer: engine.tokenizer, endTokens: engine.endTokens, created: clock.unixSeconds,
      fingerprint: "ragmeter-\(Self.version)")
    servedEmbedder = embedder.map {
      ServedEmbedder(name: $0.name, dimension: $0.dimension, maximumTokens: $0.maximumTokens, tokenizer: nil)
    }
    metrics = ServerMetrics(model: name)
    registry = CallRegistry(most: options.maxConcurrentRequests)
    key = APIKeyCheck(options.apiKey)
  }

  /// Answers a request, or sees to it that somebody will. Called on the HTTP thread, which it does not hold up.
  func handle(_ request: ServedRequest, _ responder: Responder) {
    let route = Route(rawValue: request.path)
    let reply = Reply(route: route, method: request.method, responder: responder, metrics: metrics)
    guard route?.isOpen ?? false || key.accepts(request.headers["authorization"]) else {
      return reply.refuse(.unauthorized, headers: [("WWW-Authenticate", "Bearer")])
    }
    guard let route else { return reply.refuse(.unknownPath(request.path)) }
    guard route.answers(request.method) else {
      return reply.refuse(
        .wrongMethod(request.method, path: request.path, allowed: route.method), headers: [("Allow", route.method)])
    }
    switch route {
    case .health: reply.send(status: registry.isDraining ? 503 : 200, headers: [], [])
    case .version: reply.send(ServedModel.versionBody(Self.version))
    case .models: reply.send(ServedModel.listing(model, embedder: servedEmbedder))
    case .metrics: reply.send(headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")], metricsPage())
    case .completions, .chat, .embeddings, .tokenize, .detokenize: post(request, route, reply)
    }
  }

  private func post(_ request: ServedRequest, _ route: Route, _ reply: Reply) {
    do throws(APIError) { try APIError.checkContentType(request.headers["content-type"]) } catch {
      return reply.refuse(error)
    }
    let arrived = clock.nanoseconds
    switch route {
    case .embeddings: admit(reply) { number in embed(request.body, number, reply) }
    case .tokenize, .detokenize:
      reading.async { [self] in reply.answering { () throws(APIError) in try convert(request.body, route) } }
    default:
      admit(reply) { number in
        reading.async { [self] in
          generate(request.body, endpoint: route == .chat ? .chat : .completions, number, arrived: arrived, reply)
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

  private func turnAway(_ reply: Reply, _ reason: ServerMetrics.Rejection) {
    metrics.rejected(reason)
    let seconds = options.retryAfterSeconds
    switch reason {
    case .draining: reply.refuse(.unavailable("The server is about to stop.", retryAfter: seconds))
    case .concurrency:
      reply.refuse(
        .tooManyRequests("\(options.maxConcurrentRequests) requests are under way already.", retryAfter: seconds))
    case .queue:
      reply.refuse(.tooManyRequests("As many requests wait for the model as may.", retryAfter: seconds))
    }
  }

  private func metricsPage() -> [UInt8] {
    metrics.text(
      engine: engine.statistics, configuration: engine.configuration,
      moment: ServerMetrics.Moment(openStreams: registry.openCalls))
  }

  // MARK: - On the reading queue

  private func generate(
    _ body: [UInt8], endpoint: GenerationCall.Endpoint, _ number: Int, arrived: UInt64, _ reply: Reply
  ) {
    do throws(APIError) {
      let call = try body.reading { bytes throws(APIError) in
        try GenerationCall(body: bytes, endpoint: endpoint, model: model)
      }
      var prompts: [[Int32]] = []
      var requests: [GenerationRequest] = []
      for prompt in call.prompts {
        let ids = try refusing { try engine.tokens(of: prompt) }
        let sampling = try call.sampling(promptTokens: ids.count, in: model)
        prompts.append(ids)
        requests.append(GenerationRequest(prompt: .tokens(ids), sampling: sampling))
      }
      let id = (endpoint == .chat ? "chatcmpl-" : "cmpl-") + Self.randomDigits()
      let active = ActiveCall(
        call, model: model, prompts: prompts, sampling: requests.map(\.sampling), number: number, id: id,
        arrived: arrived, core: self, responder: reply.responder)
      registry.add(active)
      guard let ticket = try refusing({ try engine.submit(requests, to: active) }) else {
        registry.isOver()
        registry.closed(number: number)
        return turnAway(reply, .queue)
      }
      reply.responder.onClose { active.closed($0) }
      active.accept(ticket)
    } catch {
      registry.isOver()
      registry.closed(number: number)
      reply.refuse(error)
    }
  }

  private func convert(_ body: [UInt8], _ route: Route) throws(APIError) -> [UInt8] {
    try body.reading { bytes throws(APIError) in
      guard route == .tokenize else { return try DetokenizeCall(body: bytes, model: model).answer(model: model) }
      let call = try TokenizeCall(body: bytes, model: model)
      let ids = try refusing {
        try engine.tokens(
          of: call.prompt, addSpecialTokens: call.addsSpecialTokens, addGenerationPrompt: call.addsGenerationPrompt)
      }
      return call.answer(ids, model: model)
    }
  }

  /// What the engine says to a request that it cannot serve.
  private func refusing<Result>(_ body: () throws -> Result) throws(APIError) -> Result {
    do { return try body() } catch { throw .refused(GenerationError("\(error)")) }
  }

  private static func randomDigits() -> String {
    let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
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
  fileprivate func reading<Result>(
    _ body: (UnsafeRawBufferPointer) throws(APIError) -> Result
  ) throws(APIError) -> Result {
    let result = withUnsafeBytes { bytes in
      Swift.Result { () throws(APIError) in try body(bytes) }
    }
    return try result.get()
  }
}
