internal import Dispatch
public import Embedders
public import Generation
public import GenerationClient
internal import MicroHTTP

/// Serves a language model, and an embedder beside it, over the HTTP interface of OpenAI and vLLM (`/v1/models`,
/// `/v1/completions`, `/v1/chat/completions`, `/v1/embeddings`, `/tokenize`, `/detokenize`, `/health`, `/version`, `/metrics`),
/// and over Llama Stack's of release 0.2: vector databases, the RAG tool, agents.
public final class Server: Sendable {
  private let core: ServerCore
  private let http: HTTPServer

  /// Listens, and answers from then on, with a model of this process.
  ///
  /// - Throws: `ServerError` for an address that cannot be listened on, or limits that this process cannot hold; what the stores of
  ///   `stack` throw.
  public convenience init(
    engine: Engine, embedder: (any Embedder)? = nil, options: ServerOptions = ServerOptions(),
    stack: StackOptions = StackOptions()
  ) throws {
    let created = ServerClock().unixSeconds
    let model = ServedModel(
      name: options.servedModelName ?? engine.model, maxModelLength: engine.configuration.maxModelLength,
      vocabularySize: engine.vocabularySize, tokenizer: engine.tokenizer, endTokens: engine.endTokens, created: created,
      fingerprint: "ragmeter-\(ServerCore.version)")
    try self.init(
      language: .engine(ServedEngine(engine: engine, model: model)), embedder: embedder, options: options, stack: stack)
  }

  /// The same with a model of another server, to which requests to OpenAI's routes are passed on as they are.
  ///
  /// - Parameters:
  ///   - profile: of that server.
  ///   - model: what it calls the model; callers of this one name `options.servedModelName`, or else the same.
  ///   - key: what opens it.
  public convenience init(
    profile: ServerProfile, model: String, key: APIKey?, embedder: (any Embedder)? = nil,
    options: ServerOptions = ServerOptions(), stack: StackOptions = StackOptions()
  ) throws {
    let remote = try RemoteRoutes(
      profile: profile, model: model, key: key, name: options.servedModelName ?? model,
      created: ServerClock().unixSeconds)
    try self.init(language: .remote(remote), embedder: embedder, options: options, stack: stack)
  }

  private init(
    language: ServedLanguage, embedder: (any Embedder)?, options: ServerOptions, stack: StackOptions
  ) throws {
    guard let port = UInt16(exactly: options.port) else {
      throw ServerError("\(options.port) is no port; ports are 1 to 65535, and 0 takes a free one")
    }
    let core = try ServerCore(language: language, embedder: embedder, options: options, stack: stack)
    var http = HTTPServerOptions()
    http.host = options.host
    http.port = port
    http.maxBodyBytes = options.maxBodyBytes
    http.maxConnections = options.maxConnections
    http.maxPendingBytes = options.maxPendingBytes
    http.stallSeconds = options.stallSeconds
    http.tooLong = APIError.bodyTooLarge(limit: options.maxBodyBytes).response
    self.core = core
    do { self.http = try HTTPServer(options: http) { core.handle($0, $1) } } catch {
      throw ServerError(error.description)
    }
  }

  /// The one that was taken, where 0 asked for any.
  public var port: Int { Int(http.port) }

  /// What callers name the model.
  public var servedModelName: String { core.language.name }

  /// Lets no request in any more (`/health` says so), and waits until those under way are answered. When the time is up
  /// the rest is ended with an error, in the stream where one has begun.
  ///
  /// - Returns: how many were ended so.
  @discardableResult public func drain(seconds: Double) -> Int {
    let rest = core.registry.drain(until: .now() + seconds)
    guard !rest.isEmpty else { return 0 }
    for call in rest {
      call.fail(.unavailable("The server is about to stop.", retryAfter: core.options.retryAfterSeconds))
    }
    // For the answers to go out.
    _ = core.registry.drain(until: .now() + Self.lastWordsSeconds)
    return rest.count
  }

  private static let lastWordsSeconds = 1.0

  /// Breaks off what is under way and closes every connection. More than once is as good as once.
  public func stop() { http.stop() }
}
