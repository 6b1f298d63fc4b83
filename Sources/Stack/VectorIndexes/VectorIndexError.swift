/// What an index refuses, each as one sentence that says what to do next.
public enum VectorIndexError: Error, Equatable, CustomStringConvertible {
  /// A value of the wrong size or range: what it was and what would be right.
  case invalidArgument(String)
  /// Vector `row` of the batch is not finite, or has no direction under cosine.
  case invalidVector(row: Int, reason: String)
  case duplicateID(Int64)
  case notTrained(kind: String)
  /// A file that cannot be read as an index: the path, the byte offset, and what is wrong there.
  case corruptFile(path: String, offset: Int, reason: String)
  /// The operating system refused: the path and its reason.
  case fileSystem(path: String, reason: String)

  public var description: String {
    switch self {
    case .invalidArgument(let sentence): sentence
    case .invalidVector(let row, let reason): "vector \(row) of the batch \(reason)"
    case .duplicateID(let id): "id \(id) is already in the index; remove it first or choose another"
    case .notTrained(let kind): "\(kind) must be trained before vectors are added; call train with a sample"
    case .corruptFile(let path, let offset, let reason): "\(path): byte \(offset): \(reason); build the index again"
    case .fileSystem(let path, let reason): "\(path): \(reason)"
    }
  }
}
