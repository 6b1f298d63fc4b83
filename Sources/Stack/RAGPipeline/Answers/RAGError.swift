/// Why a question cannot be answered, as one sentence that says what to do next.
public struct RAGError: Error, Equatable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) { self.description = description }
}
