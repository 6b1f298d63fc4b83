/// Why a client cannot be set up or a request not be put, as one sentence that says what to do next.
public struct ClientError: Error, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) {
    self.description = description
  }
}
