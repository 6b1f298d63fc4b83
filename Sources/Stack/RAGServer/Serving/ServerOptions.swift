/// Where a server listens, and what it puts up with. How many requests may wait for the engine is the engine's own
/// (`EngineOptions.maxWaiting`).
public struct ServerOptions: Sendable {
  /// An address of this machine, or a name of one.
  public var host = "127.0.0.1"
  /// 0 takes a free one.
  public var port = 0
  /// What callers of the API have to send as `Authorization: Bearer KEY`; nil: nothing. It is told nobody.
  public var apiKey: String?
  /// What callers name the model; nil: as the engine does.
  public var servedModelName: String?
  public var maxBodyBytes = 16 << 20
  /// Open connections, idle ones included; more wait until one closes.
  public var maxConnections = 4096
  /// Requests under way, those that wait for the engine included; more are told to come back.
  public var maxConcurrentRequests = 4096
  /// How long who is told to come back is asked to wait.
  public var retryAfterSeconds = 1
  /// Bytes of an answer that wait for a slow reader; one who is further behind is cut off.
  public var maxPendingBytes = 512 << 10
  /// How long a reader may take nothing while bytes wait for it.
  public var stallSeconds = 60

  public init() {}
}

/// A server that cannot be started, in one sentence.
public struct ServerError: Error, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
