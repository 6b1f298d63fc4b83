/// How far a fetch has come.
public struct FetchStatus: Sendable, Equatable {
  /// `NAME/FILE`.
  public var file: String
  public var received: Int
  /// `nil` where the source does not say.
  public var total: Int?
  public var activity: Activity

  /// What takes the time.
  public enum Activity: String, Sendable {
    case fetching, embedding
  }

  public init(file: String, received: Int, total: Int?, activity: Activity = .fetching) {
    self.file = file
    self.received = received
    self.total = total
    self.activity = activity
  }
}

/// Told now and then from within a fetch.
public typealias FetchProgress = (FetchStatus) -> Void
