/// What a fetch for somebody else may cost and reach: addresses that come from a request are not the user's own.
public struct FetchLimits: Sendable, Equatable {
  /// Bytes of an answer.
  public var bytes = 16 << 20
  /// For everything: the name, the connection, redirections and the body.
  public var seconds = 30
  /// Whether this machine, its own network and other addresses that are not public may be asked.
  public var allowsPrivateAddresses = false

  public init() {}
}
