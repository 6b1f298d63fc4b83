internal import Dispatch
public import Embedders
public import Generation
internal import MicroHTTP

/// Serves an engine, and an embedder beside it, over the HTTP interface of OpenAI and vLLM: `/v1/models`,
/// `/v1/completions`, `/v1/chat/completions`, `/v1/embeddings`, `/tokenize`, `/detokenize`, `/health`, `/version` and
/// `/metrics`.
public final class Server: Sendable {
  private let core: ServerCore
  private let http: HTTPServer

  /// Listens, and answers from then on.
  ///
  /// - Throws: `ServerError` for an address that cannot be listened on, or limits that this process cannot hold.
  public init(engine: Engine, embedder: (any Embedder)? = nil, options: ServerOptions = ServerOptions()) throws {
    guard let port = UInt16(exactly: options.port) else {
      throw ServerError("\(options.port) is no port; ports are 1 to 65535, and 0 takes a free one")
    }
    let core = ServerCore(engine: engine, embedder: embedder, options: options)
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
  public var servedModelName: String { core.model.name }

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
