/// Why data cannot be used, as one sentence.
public enum DataError: Error, Equatable, CustomStringConvertible {
  /// A value that makes no sense: what it was and what would be right.
  case invalid(String)
  /// A file that is not what it should be: path, byte offset (or line), and what is wrong there.
  case corrupt(path: String, at: String, reason: String)
  /// A source that cannot be reached or differs from the catalogue.
  case unavailable(name: String, reason: String)

  public var description: String {
    switch self {
    case .invalid(let sentence): sentence
    case .corrupt(let path, let place, let reason): "\(path): \(place): \(reason)"
    case .unavailable(let name, let reason): "\(name): \(reason)"
    }
  }
}
