/// Why text cannot be generated, as one sentence that says what to do next.
public struct GenerationError: Error, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) {
    self.description = description
  }
}
